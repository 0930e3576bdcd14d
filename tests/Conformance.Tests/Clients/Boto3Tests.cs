namespace OrleansDfs.Conformance.Tests.Clients;

[Collection(S3Tests.Name)]
public sealed class Boto3Tests(S3Server server)
{
    [SkippableFact]
    public async Task A_buckets_life()
    {
        await Tool.Need("python3", "-c", "import boto3");
        var result = await Tool.Run(server, "python3", Path.Combine(AppContext.BaseDirectory, "Scripts", "boto3_roundtrip.py"));
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.EndsWith("deleted", result.Output.Trim(), StringComparison.Ordinal);
    }
}
