namespace OrleansDfs.Conformance.Tests.Clients;

[Collection(S3Tests.Name)]
public sealed class RcloneTests(S3Server server)
{
    const int Big = 12_000_000;

    /// <summary>The smallest that S3 allows, so that a small file has several parts.</summary>
    static readonly string[] _inParts = ["--s3-chunk-size", "5M", "--s3-upload-cutoff", "5M", "--s3-copy-cutoff", "5M"];

    [SkippableFact]
    public async Task Copy_check_sync_and_delete()
    {
        await Tool.Need("rclone", "version");
        using var tree = new FileTree(Big);
        var bucket = await server.NewBucket();

        await Rclone(["copy", tree.Source, $"s3:{bucket}/tree", .. _inParts]);
        await Rclone(["check", "--download", tree.Source, $"s3:{bucket}/tree"]);
        await Rclone(["copy", $"s3:{bucket}/tree", tree.Folder("back")]);
        tree.AssertSame(tree.Folder("back"));

        File.Delete(Path.Combine(tree.Source, "sub", "file 0 ü+&.txt"));
        tree.Write("sub/new", "new"u8);
        tree.Write("empty", "no more"u8);
        await Rclone(["sync", tree.Source, $"s3:{bucket}/tree"]);
        await Rclone(["sync", $"s3:{bucket}/tree", tree.Folder("back")]);
        tree.AssertSame(tree.Folder("back"));

        await Rclone(["delete", $"s3:{bucket}/tree/sub"]);
        Assert.Equal(["big", "empty"], Lines((await Rclone(["lsf", "--recursive", "--files-only", $"s3:{bucket}/tree"])).Output));
        await Rclone(["purge", $"s3:{bucket}"]);
        await S3Assert.Fails(System.Net.HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.DeleteBucketAsync(bucket));
    }

    [SkippableFact]
    public async Task Copies_inside_the_server_and_presigned_links()
    {
        await Tool.Need("rclone", "version");
        using var tree = new FileTree(Big, smallFiles: 3);
        var bucket = await server.NewBucket();
        await Rclone(["copy", tree.Source, $"s3:{bucket}/tree", .. _inParts]);

        // The source's name is sent in a header: it must be decoded as a path, not as a form.
        await Rclone(["copy", $"s3:{bucket}/tree", $"s3:{bucket}/copy"]);
        await Rclone(["check", "--download", tree.Source, $"s3:{bucket}/copy"]);
        await Rclone(["copyto", $"s3:{bucket}/tree/big", $"s3:{bucket}/parts", .. _inParts]);
        Assert.Equal(3, (await server.Client.GetObjectMetadataAsync(new() { BucketName = bucket, Key = "parts", PartNumber = 1 })).PartsCount);
        await Rclone(["moveto", $"s3:{bucket}/parts", $"s3:{bucket}/moved"]);
        Assert.Equal(FileTree.Hash(tree.Big), FileTree.Hash(await Bytes(bucket, "moved")));

        var link = (await Rclone(["link", "--expire", "1h", $"s3:{bucket}/tree/sub/file 1 ü+&.txt"])).Output.Trim();
        using var http = new HttpClient();
        Assert.Equal("content 1", await http.GetStringAsync(new Uri(link)));
    }

    /// <summary>More parts at once than a file of parts has, and more files than a page of a listing.</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Many_files_and_a_large_one_at_once()
    {
        await Tool.Need("rclone", "version");
        using var tree = new FileTree(120_000_000, smallFiles: 1100);
        var bucket = await server.NewBucket();
        await Rclone(["sync", tree.Source, $"s3:{bucket}", "--transfers", "16", "--s3-upload-concurrency", "8", .. _inParts]);
        await Rclone(["sync", $"s3:{bucket}", tree.Folder("back"), "--transfers", "16",
            "--multi-thread-cutoff", "10M", "--multi-thread-streams", "8"]);
        tree.AssertSame(tree.Folder("back"));
    }

    async Task<ToolResult> Rclone(string[] arguments) => (await Tool.Run(server, "rclone", arguments, new Dictionary<string, string?>
    {
        ["RCLONE_CONFIG"] = "/dev/null",
        ["RCLONE_CONFIG_S3_TYPE"] = "s3",
        ["RCLONE_CONFIG_S3_PROVIDER"] = "Other",
        ["RCLONE_CONFIG_S3_ENV_AUTH"] = "true",
        ["RCLONE_CONFIG_S3_ENDPOINT"] = server.Endpoint.GetLeftPart(UriPartial.Authority),
        ["RCLONE_CONFIG_S3_REGION"] = "us-east-1",
        ["AWS_CA_BUNDLE"] = null, // rclone 1.60 refuses to start with it
    })).Succeeded();

    static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    async Task<byte[]> Bytes(string bucket, string key)
    {
        using var response = await server.Client.GetObjectAsync(bucket, key);
        return await response.Bytes();
    }
}
