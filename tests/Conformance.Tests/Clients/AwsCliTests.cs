using System.Security.Cryptography;

namespace OrleansDfs.Conformance.Tests.Clients;

[Collection(S3Tests.Name)]
public sealed class AwsCliTests(S3Server server)
{
    [SkippableFact]
    public async Task Sync_copy_list_and_remove()
    {
        await Tool.Need("aws", "--version");
        var folder = Directory.CreateTempSubdirectory("odfs-aws-").FullName;
        try
        {
            var bucket = await server.NewBucket();
            var tree = Directory.CreateDirectory(Path.Combine(folder, "tree", "sub")).Parent!.FullName;
            await File.WriteAllBytesAsync(Path.Combine(tree, "big"), S3Assert.Random(18_000_000)); // above the CLI's 8 MB: multipart
            for (var i = 0; i < 20; i++) await File.WriteAllTextAsync(Path.Combine(tree, i % 2 == 0 ? "sub" : ".", $"file {i} ü.txt"), $"{i}");
            await Aws("s3", "sync", "--no-progress", tree, $"s3://{bucket}/tree");
            await Aws("s3", "cp", "--no-progress", "--recursive", $"s3://{bucket}/tree", tree + ".back");
            foreach (var file in Directory.GetFiles(tree, "*", SearchOption.AllDirectories))
                Assert.Equal(await Hash(file), await Hash(file.Replace(tree, tree + ".back", StringComparison.Ordinal)));

            var listed = await Aws("s3", "ls", "--recursive", $"s3://{bucket}");
            Assert.Equal(21, listed.Output.Trim().Split('\n').Length);
            await Aws("s3", "rb", "--force", $"s3://{bucket}");
            await S3Assert.Fails(System.Net.HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.DeleteBucketAsync(bucket));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    async Task<ToolResult> Aws(params string[] arguments) => (await Tool.Run(server, "aws", arguments)).Succeeded();

    static async Task<string> Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path)));
}
