using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Storage;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// The storage node of this silo. Order at start (PROTOCOL P1, P28): lock the folder → take the port → register a new incarnation in the catalog →
/// compare the inventory with the catalog → begin to serve. Nobody can have reached this incarnation before it was registered, and nothing is served
/// that the catalog does not have as live.
/// </summary>
public sealed class NodeHost : IAsyncDisposable
{
    private readonly ChunkEndpoint _endpoint;

    private NodeHost(ChunkEndpoint endpoint, StorageNode node, Reconciler reconciler, string siloName, string directory) =>
        (_endpoint, Node, Reconciler, SiloName, Directory) = (endpoint, node, reconciler, siloName, directory);

    public StorageNode Node { get; }
    public Reconciler Reconciler { get; }
    public string SiloName { get; }
    public string Directory { get; }

    public static async Task<NodeHost> OpenAsync(
        CatalogDatabase catalog,
        ClusterIdentity identity,
        ChunkPeers peers,
        SiloOptions options,
        string siloName,
        TimeProvider time,
        ILoggerFactory loggers,
        CancellationToken cancellation)
    {
        var log = loggers.CreateLogger<NodeHost>();
        options.Node.TryEndpoint(out var listen, out _);
        var directory = Path.GetFullPath(options.Node.Directory);
        var storeOptions = new ChunkStoreOptions { ReserveBytes = options.Node.ReserveBytes, CompactionReserveBytes = 2 * options.ChunkSize };
        var store = await ChunkStore.OpenAsync(FileSystemDisk.Open(directory), catalog.ClusterId, storeOptions);
        var endpoint = new ChunkEndpoint(identity, new ChunkEndpointOptions { Host = listen.Address.ToString(), Port = listen.Port }, time);
        try
        {
            var bound = await endpoint.ListenAsync();
            var host = options.Node.AdvertisedHost ?? bound.Address.ToString();
            var domain = string.IsNullOrEmpty(options.Node.Domain) ? Environment.MachineName : options.Node.Domain;
            await store.RefreshSpaceAsync();
            var incarnation = await catalog.Nodes.RegisterAsync(
                new NodeRegistration(store.NodeId, siloName, host, bound.Port, domain, store.TotalBytes, store.FreeBytes), cancellation);
            var nodeOptions = new StorageNodeOptions { QuarantineGrace = options.Grace, CopyBytesPerSecond = options.Repair.BytesPerSecond };
            var node = new StorageNode(store, new NodeAddress(store.NodeId, incarnation, host, bound.Port), peers.Get, nodeOptions, time);
            var reconciler = new Reconciler(catalog, node, time, loggers.CreateLogger<Reconciler>());
            var reconciled = await reconciler.RunAsync(atStart: true, cancellation);
            endpoint.Refused += (from, reason) => log.LogWarning("A connection from {From} was refused: {Reason}", from, reason);
            endpoint.Faulted += e => log.LogError(e, "A chunk request failed unexpectedly; its connection was closed");
            endpoint.Start(node);
            log.LogInformation(
                "Storage node {Node} (incarnation {Incarnation}, {Directory}) listens on {Host}:{Port}; {Served} replicas served, "
                    + "{Quarantined} files in quarantine",
                store.NodeId, incarnation, directory, host, bound.Port, reconciled.Served, reconciled.Quarantined);
            return new NodeHost(endpoint, node, reconciler, siloName, directory);
        }
        catch
        {
            await endpoint.DisposeAsync();
            await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        await Node.DisposeAsync();
        Reconciler.Dispose();
    }
}
