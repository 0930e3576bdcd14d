using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost;

/// <summary>Everything that is decided before the first process starts, the same in both modes.</summary>
sealed record Start(Options Options, DataFolder Data, Ports Ports, ClusterPlan Plan, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>How long the children of an AppHost that was killed may take to give their ports back.</summary>
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(12);

    /// <summary>Takes the folder's content into use: waits for leftovers to end, starts over if asked to, draws what is missing.</summary>
    public static async Task<Start> PrepareAsync(
        Options options, DataFolder data, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        // In this order: nothing may be deleted or started while processes of an earlier run still write.
        await Ports.Load(data).WaitForReleaseAsync(options.Port, _patience, TimeProvider.System, cancel);
        if (options.HttpsPort is { } https && !Ports.IsFree(https)) throw new SetupException(Ports.Taken(https, "--https-port"));
        await PrivatePostgres.StopLeftoverAsync(data, cancel);
        if (options.Fresh && Catalog.Kept(data) == CatalogKind.Container)
            await PostgresContainer.DeleteAsync(data, cancel);
        data.Prepare(options.Fresh);

        var ports = Ports.Load(data);
        var secrets = Secrets.Load(data, environment);
        var plan = ClusterPlan.Make(options, data, ports, secrets, environment);
        ports.Save();
        return new Start(options, data, ports, plan, environment);
    }
}
