using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Replication.Placement;
using OrleansDfs.Silo.Nodes;
using PlacementStrategy = OrleansDfs.Replication.Placement.PlacementStrategy;

namespace OrleansDfs.Silo.Chunks;

/// <summary>
/// Opens chunks (PROTOCOL P4). Order that never changes: row <c>open</c> and replica rows in the catalog → every node has made its file and fsynced
/// file and folder → the writer may use it. If one node fails, the chunk is given up for sealing and others are chosen; a file without a row can then
/// never be, and a row without a file is closed by the seal's tombstone (P10).
/// </summary>
public sealed class ChunkOpener(
    CatalogDatabase catalog,
    NodeBook nodes,
    Func<NodeAddress, IChunkPeer> peers,
    Suspects suspects,
    SiloOptions options,
    TimeProvider time,
    ILogger<ChunkOpener> log)
{
    private const int Attempts = 4;

    /// <summary>A node that has not made its file so long after all others is not waited for.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(500);

    /// <summary>Breaks ties of placement; a simulation gives a seeded one.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Chunks that were begun and could not be opened; the caller has them sealed.</summary>
    public sealed record Outcome(OpenChunk? Chunk, IReadOnlyList<ChunkId> Abandoned, string Explanation);

    /// <param name="capacity">Physical length up to which it takes records.</param>
    /// <param name="lease">How long its opener may be silent (P5).</param>
    public async Task<Outcome> OpenAsync(OpenChunkRequest request, long capacity, TimeSpan lease)
    {
        var abandoned = new List<ChunkId>();
        var explanation = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var table = await nodes.TableAsync();
            var wanted = PlacementRules.Wanted(options.Replicas, table.Nodes);
            var least = PlacementRules.MinReplicas(wanted);
            var chosen = Choose(table, request, wanted, capacity);
            if (chosen.Count < Math.Max(least, 1))
            {
                explanation = $"{chosen.Count} storage nodes can take a chunk, at least {least} are needed";
                break;
            }

            // The shortfall is written down as wanted, so that the chunk counts as under-replicated from its first byte on (P30).
            var row = await catalog.Chunks.OpenAsync(new OpenChunkSpec(
                request.Kind, wanted, chosen[0].Node, chosen[0].Incarnation, [.. chosen.Select(n => n.Node)], request.Opener, lease));
            if (await CreateEverywhereAsync(row, chosen, capacity) is not { } failed) return new Outcome(Describe(row, capacity), abandoned, "");

            abandoned.Add(row.Chunk);
            explanation = failed;
            log.LogWarning("Chunk {Chunk} could not be opened: {Reason}", row.Chunk, failed);
        }
        return new Outcome(null, abandoned, explanation);
    }

    private IReadOnlyList<StorageNodeInfo> Choose(NodeTable table, OpenChunkRequest request, int wanted, long capacity)
    {
        var candidates = table.Nodes
            .Where(n => !request.Avoid.Contains(n.Node) && !suspects.Contains(n.Node))
            .Select(n => request.Kind == ChunkKind.Compaction ? PlacementCandidate.ForCompaction(n) : PlacementCandidate.Of(n))
            .ToList();
        PlacementStrategy strategy = request.NearSilo is null ? PlacementStrategy.Default : PlacementStrategy.ByName("LocalFirst")!;
        var placement = new PlacementRequest(wanted, capacity + options.Node.ReserveBytes) { LocalSilo = request.NearSilo };
        var ids = strategy.Choose(candidates, placement, Random);
        return [.. ids.Select(id => table.Nodes.First(n => n.Node == id))];
    }

    /// <summary>Null when all have made it; else what failed.</summary>
    private async Task<string?> CreateEverywhereAsync(ChunkRow row, IReadOnlyList<StorageNodeInfo> chosen, long capacity)
    {
        using var deadline = new CancellationTokenSource(options.CreateDeadline, time);
        var addresses = chosen.ToDictionary(n => n.Node, NodeAddress.Of);
        var secondaries = row.Replicas.Where(r => r.Node != row.Primary).Select(r => new PeerReplica(addresses[r.Node], r.Epoch)).ToArray();
        var creating = row.Replicas.Select(CreateAsync).ToList();
        await LetOneBeLateAsync(creating, deadline);
        var answers = await Task.WhenAll(creating);
        foreach (var (node, status) in answers)
            if (status is not ChunkStatus.Ok) suspects.Add(node);
        var bad = answers.Where(a => a.Status != ChunkStatus.Ok).Select(a => $"node {a.Node} answered {a.Status}").ToList();
        return bad.Count == 0 ? null : string.Join(", ", bad);

        async Task<(NodeId Node, ChunkStatus Status)> CreateAsync(Replica replica)
        {
            var primary = replica.Node == row.Primary;
            var create = new CreateRequest(
                new ReplicaFile(row.Chunk, replica.Epoch),
                row.Kind,
                addresses[replica.Node].Incarnation,
                primary ? ReplicaRole.Primary : ReplicaRole.Secondary,
                capacity,
                primary ? secondaries : []);
            try
            {
                return (replica.Node, await peers(addresses[replica.Node]).CreateAsync(create, deadline.Token));
            }
            catch (OperationCanceledException)
            {
                return (replica.Node, ChunkStatus.Deadline);
            }
        }
    }

    /// <summary>Writers wait for this chunk: one node that lets the others wait is soon left out, and the chunk made without it.</summary>
    private static async Task LetOneBeLateAsync(List<Task<(NodeId Node, ChunkStatus Status)>> creating, CancellationTokenSource deadline)
    {
        var pending = creating.ToList();
        while (pending.Count > 1) pending.Remove(await Task.WhenAny(pending));
        if (creating.Count > 1 && pending is [{ IsCompleted: false }]) deadline.CancelAfter(Late);
    }

    private static OpenChunk Describe(ChunkRow row, long capacity) => new(
        row.Chunk,
        row.Kind,
        row.Primary,
        row.PrimaryIncarnation,
        row.Replicas.First(r => r.Node == row.Primary).Epoch,
        capacity,
        [.. row.Replicas.Select(r => new ReplicaAt(r.Node, r.Epoch))]);
}
