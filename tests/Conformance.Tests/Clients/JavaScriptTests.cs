namespace OrleansDfs.Conformance.Tests.Clients;

/// <summary>
/// The JavaScript SDK v3: the one that sends trailers over plain HTTP. Its packages come from npm, at the versions of package-lock.json.
/// </summary>
[Collection(S3Tests.Name)]
public sealed class JavaScriptTests(S3Server server)
{
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_buckets_life()
    {
        await Tool.Need("node", "--version");
        await Tool.Need("npm", "ping", "--fetch-retries=0", "--fetch-timeout=5000");
        var folder = Directory.CreateTempSubdirectory("odfs-js-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Clients", "js")))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            (await Tool.Run(server, "npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], environment: null, folder)).Succeeded();
            var result = (await Tool.Run(server, "node", ["roundtrip.mjs"], environment: null, folder)).Succeeded();
            Assert.EndsWith("deleted", result.Output.Trim(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
