namespace OrleansDfs.Conformance.Tests.Clients;

[Collection(S3Tests.Name)]
public sealed class S3cmdTests(S3Server server)
{
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_buckets_life()
    {
        await Tool.Need("s3cmd", "--version");
        using var tree = new FileTree(12_000_000, smallFiles: 6);
        var bucket = $"s3cmd-{Guid.NewGuid():N}";
        await S3cmd(tree, "mb", $"s3://{bucket}");
        Assert.Contains($"s3://{bucket}", (await S3cmd(tree, "ls")).Output, StringComparison.Ordinal);

        await S3cmd(tree, "put", tree.Big, $"s3://{bucket}/parts", "--multipart-chunk-size-mb=5");
        Assert.EndsWith("-3\"", (await server.Client.GetObjectMetadataAsync(bucket, "parts")).ETag, StringComparison.Ordinal);
        await S3cmd(tree, "get", $"s3://{bucket}/parts", tree.Folder("got"));
        Assert.Equal(FileTree.Hash(tree.Big), FileTree.Hash(tree.Folder("got")));

        // "info" asks for policy, CORS and ACL too, and must live with a server that has none of them yet.
        var empty = Path.Combine(tree.Source, "empty");
        await S3cmd(tree, "put", "-m", "text/x-own", "--add-header", "x-amz-meta-colour:blue", empty, $"s3://{bucket}/tagged");
        var info = (await S3cmd(tree, "info", $"s3://{bucket}/tagged")).Output;
        Assert.Contains("MIME type: text/x-own", info, StringComparison.Ordinal);
        Assert.Contains("x-amz-meta-colour: blue", info, StringComparison.Ordinal);
        Assert.Contains("Location:  us-east-1", (await S3cmd(tree, "info", $"s3://{bucket}")).Output, StringComparison.Ordinal);

        await S3cmd(tree, "cp", $"s3://{bucket}/parts", $"s3://{bucket}/copy");
        await S3cmd(tree, "mv", $"s3://{bucket}/copy", $"s3://{bucket}/moved ü+&");
        await S3cmd(tree, "get", $"s3://{bucket}/moved ü+&", tree.Folder("moved"));
        Assert.Equal(FileTree.Hash(tree.Big), FileTree.Hash(tree.Folder("moved")));

        await S3cmd(tree, "del", $"s3://{bucket}/parts");
        await S3cmd(tree, "del", "--recursive", "--force", $"s3://{bucket}");
        await S3cmd(tree, "rb", $"s3://{bucket}");
        await S3Assert.Fails(System.Net.HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.DeleteBucketAsync(bucket));
    }

    [SkippableFact]
    public async Task Sync_there_and_back()
    {
        await Tool.Need("s3cmd", "--version");
        using var tree = new FileTree(6_000_000);
        var bucket = await server.NewBucket();
        await S3cmd(tree, "sync", tree.Source + "/", $"s3://{bucket}/tree/");
        Assert.DoesNotContain("upload:", (await S3cmd(tree, "sync", tree.Source + "/", $"s3://{bucket}/tree/")).Output, StringComparison.Ordinal);
        await S3cmd(tree, "sync", $"s3://{bucket}/tree/", tree.Folder("back") + "/");
        tree.AssertSame(tree.Folder("back"));

        File.Delete(tree.Big);
        await S3cmd(tree, "sync", "--delete-removed", tree.Source + "/", $"s3://{bucket}/tree/");
        var listed = (await S3cmd(tree, "ls", "--recursive", $"s3://{bucket}")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Directory.GetFiles(tree.Source, "*", SearchOption.AllDirectories).Length, listed.Length);
        Assert.DoesNotContain(listed, line => line.EndsWith("/big", StringComparison.Ordinal));
    }

    async Task<ToolResult> S3cmd(FileTree tree, params string[] arguments)
    {
        var configuration = tree.Folder("s3cfg");
        await File.WriteAllTextAsync(configuration, $"""
            [default]
            access_key = {server.AccessKey}
            secret_key = {server.SecretKey}
            host_base = {server.Host}
            host_bucket = {server.Host}
            use_https = {server.Endpoint.Scheme == Uri.UriSchemeHttps}
            bucket_location = us-east-1
            """);
        Directory.CreateDirectory(tree.Folder("back"));
        return (await Tool.Run(server, "s3cmd", ["--config", configuration, "--no-progress", .. arguments])).Succeeded();
    }
}
