using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Supervision;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>A node that comes back after repair (P29), and how much repair has left.</summary>
public class TrimTests
{
    [Fact]
    public async Task A_replica_too_many_goes_after_two_looks_and_never_while_another_is_away()
    {
        await using var cluster = await SmallCluster.StartAsync(nodes: 4);
        await cluster.WriteAsync("k", 300_000);
        var chunk = (await cluster.SealAsync())!.Value;
        var row = (await cluster.Catalog.Chunks.GetAsync(chunk))!;
        Assert.Equal(3, row.Replicas.Count);

        // A holder is away for long; the fourth node gets a copy.
        var away = row.Replicas[0].Node;
        await cluster.StopNodeAsync(away);
        await cluster.AdvanceAsync(TimeSpan.FromMinutes(5));
        var counts = await cluster.Catalog.Chunks.CountAsync(3, TimeSpan.FromMinutes(1));
        Assert.Equal((1, row.SealedLength!.Value), (counts.UnderReplicated, counts.MissingBytes));
        var spare = cluster.Nodes.Single(n => row.Replicas.All(r => r.Node != n.Address.Node));
        var copying = (await cluster.Catalog.Chunks.InsertCopyingAsync(chunk, row.Epoch, spare.Address.Node))!;
        var file = new ReplicaFile(chunk, copying.Epoch);
        var source = cluster.Node(row.Replicas[1].Node).Address;
        var copy = await spare.CopyAsync(
            new CopyRequest(file, row.Kind, spare.Address.Incarnation, row.SealedLength.Value, [new PeerReplica(source, row.Replicas[1].Epoch)]),
            CancellationToken.None);
        Assert.Equal(ChunkStatus.Ok, copy.Status);
        Assert.True(await cluster.Catalog.Chunks.MakeLiveAsync(chunk, copying.Epoch, ReplicaState.Copying));
        spare.Serve(file);
        Assert.Equal(0, (await cluster.Catalog.Chunks.CountAsync(3, TimeSpan.FromMinutes(1))).MissingBytes);

        var trim = new ReplicaTrim(cluster.Catalog, cluster.Options, NullLogger<ReplicaTrim>.Instance);
        for (var i = 0; i < 3; i++) await trim.RunAsync(CancellationToken.None);
        Assert.Equal(4, (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas.Count); // four rows, three nodes: none is too many

        await cluster.RestartNodeAsync(away);
        var fresh = new ReplicaTrim(cluster.Catalog, cluster.Options, NullLogger<ReplicaTrim>.Instance);
        await fresh.RunAsync(CancellationToken.None);
        Assert.Equal(4, (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas.Count);
        for (var i = 0; i < 3; i++) await fresh.RunAsync(CancellationToken.None);
        Assert.Equal(3, (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas.Count);
        await cluster.CheckAsync();
    }
}
