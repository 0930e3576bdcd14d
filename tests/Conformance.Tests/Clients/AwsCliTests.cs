using System.Security.Cryptography;

namespace OrleansDfs.Conformance.Tests.Clients;

[Collection(S3Tests.Name)]
public sealed class AwsCliTests(S3Server server)
{
    [SkippableFact]
    public async Task Copy_list_sync_and_remove()
    {
        await Tool.Need("aws", "--version");
        var folder = Directory.CreateTempSubdirectory("odfs-aws-").FullName;
        try
        {
            var bucket = "aws-" + Guid.NewGuid().ToString("N");
            await Aws("s3", "mb", $"s3://{bucket}");
            var big = Path.Combine(folder, "big");
            await File.WriteAllBytesAsync(big, S3Assert.Random(18_000_000)); // above the CLI's 8 MB: multipart
            await Aws("s3", "cp", "--no-progress", big, $"s3://{bucket}/dir/big");
            await Aws("s3", "cp", "--no-progress", $"s3://{bucket}/dir/big", big + ".back");
            Assert.Equal(await Hash(big), await Hash(big + ".back"));

            var tree = Directory.CreateDirectory(Path.Combine(folder, "tree", "sub")).Parent!.FullName;
            for (var i = 0; i < 20; i++) await File.WriteAllTextAsync(Path.Combine(tree, i % 2 == 0 ? "sub" : ".", $"file {i} ü.txt"), $"{i}");
            await Aws("s3", "sync", "--no-progress", tree, $"s3://{bucket}/tree");
            await Aws("s3", "sync", "--no-progress", $"s3://{bucket}/tree", tree + ".back");
            foreach (var file in Directory.GetFiles(tree, "*", SearchOption.AllDirectories))
                Assert.Equal(await File.ReadAllTextAsync(file), await File.ReadAllTextAsync(file.Replace(tree, tree + ".back", StringComparison.Ordinal)));

            var listed = await Aws("s3", "ls", "--recursive", $"s3://{bucket}");
            Assert.Equal(21, listed.Output.Trim().Split('\n').Length);
            await Aws("s3", "rb", "--force", $"s3://{bucket}");
            var missing = await Tool.Run(server, "aws", "s3", "ls", $"s3://{bucket}");
            Assert.Contains("NoSuchBucket", missing.Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    async Task<ToolResult> Aws(params string[] arguments)
    {
        var result = await Tool.Run(server, "aws", arguments);
        Assert.True(result.ExitCode == 0, $"aws {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result;
    }

    static async Task<string> Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path)));
}
