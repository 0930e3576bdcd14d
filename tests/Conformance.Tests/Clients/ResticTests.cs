namespace OrleansDfs.Conformance.Tests.Clients;

[Collection(S3Tests.Name)]
public sealed class ResticTests(S3Server server)
{
    [SkippableFact]
    public async Task Backup_and_restore()
    {
        await Tool.Need("restic", "version");
        using var tree = new FileTree(2_000_000);
        var repository = await Initialize(tree);
        await repository("backup", tree.Source);
        await repository("restore", "latest", "--target", tree.Folder("restored"));
        tree.AssertSame(tree.Folder("restored") + tree.Source);
    }

    /// <summary>Prune deletes and rewrites packs and indexes: what a listing must show at once. The last check reads every byte back.</summary>
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Check_forget_and_prune()
    {
        await Tool.Need("restic", "version");
        using var tree = new FileTree(60_000_000);
        var repository = await Initialize(tree);
        await repository("backup", tree.Source);
        await repository("check", "--read-data");
        tree.Write("big", S3Assert.Random(40_000_000, seed: 2));
        await repository("backup", tree.Source);
        Assert.Contains("2 snapshots", (await repository("snapshots")).Output, StringComparison.Ordinal);

        await repository("forget", "--keep-last", "1", "--prune");
        Assert.Contains("1 snapshots", (await repository("snapshots")).Output, StringComparison.Ordinal);
        await repository("check", "--read-data");
        await repository("restore", "latest", "--target", tree.Folder("restored"));
        tree.AssertSame(tree.Folder("restored") + tree.Source);
    }

    delegate Task<ToolResult> Restic(params string[] arguments);

    async Task<Restic> Initialize(FileTree tree)
    {
        var bucket = await server.NewBucket();
        var environment = new Dictionary<string, string?>
        {
            ["RESTIC_REPOSITORY"] = $"s3:{server.Endpoint.GetLeftPart(UriPartial.Authority)}/{bucket}/repository",
            ["RESTIC_PASSWORD"] = "secret",
            ["RESTIC_CACHE_DIR"] = tree.Folder("cache"),
        };
        Restic run = async arguments => (await Tool.Run(server, "restic", arguments, environment)).Succeeded();
        await run("init");
        return run;
    }
}
