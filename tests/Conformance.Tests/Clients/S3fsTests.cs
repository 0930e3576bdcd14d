namespace OrleansDfs.Conformance.Tests.Clients;

[Collection(S3Tests.Name)]
public sealed class S3fsTests(S3Server server)
{
    /// <summary>A rename is a copy and a delete, an append a download and an upload, a large file's copy goes by parts.</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_mounted_bucket()
    {
        await Tool.Need("s3fs", "--version");
        await Tool.Need("fusermount", "-V");
        var url = $"url={server.Endpoint.GetLeftPart(UriPartial.Authority)}";
        using var tree = new FileTree(30_000_000);
        var bucket = await server.NewBucket();
        var mount = Directory.CreateDirectory(tree.Folder("mount")).FullName;
        var mounted = await Tool.Run(server, "s3fs", bucket, mount, "-o", url, "-o", "use_path_request_style",
            "-o", "multipart_size=10", "-o", "singlepart_copy_limit=20");
        Skip.If(mounted.Error.Contains("fuse:", StringComparison.Ordinal), $"FUSE does not work here: {mounted.Error}");
        mounted.Succeeded();
        try
        {
            (await Tool.Run(server, "cp", "-r", tree.Source, Path.Combine(mount, "first"))).Succeeded();
            (await Tool.Run(server, "mv", Path.Combine(mount, "first"), Path.Combine(mount, "second"))).Succeeded();
            tree.AssertSame(Path.Combine(mount, "second"));

            await File.AppendAllTextAsync(tree.Big, "more");
            await File.AppendAllTextAsync(Path.Combine(mount, "second", "big"), "more");
            tree.AssertSame(Path.Combine(mount, "second"));
            using var stored = await server.Client.GetObjectAsync(bucket, "second/big");
            Assert.Equal(FileTree.Hash(tree.Big), FileTree.Hash(await stored.Bytes()));

            Directory.Delete(Path.Combine(mount, "second"), recursive: true);
            Assert.Empty((await server.Client.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects ?? []);
        }
        finally
        {
            (await Tool.Run(server, "fusermount", "-u", mount)).Succeeded();
        }
    }
}
