using Amazon.S3.Model;
using Microsoft.Extensions.DependencyInjection;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// What an operator does with nodes, on real processes: a drained node ends with a provable zero and can be lost, an added one gets its share.
/// </summary>
public class DrainTests
{
    private const string Bucket = "drain-test";

    [Fact]
    public async Task A_drained_node_ends_with_zero_replicas_and_may_then_go_and_come_back_to_a_rebalance()
    {
        await using var cluster = await LocalCluster.StartAsync("sqlite", silos: 4);
        await cluster.S3.PutBucketAsync(Bucket);
        using var file = RandomFile.Create(24);
        for (var i = 0; i < 4; i++) await PutAsync(cluster, file, i);

        using var service = await cluster.ConnectAsync();
        var dfs = service.Services.GetRequiredService<IDfsClient>();
        var operations = service.Services.GetRequiredService<DfsOperations>();
        var node = (await dfs.StatusAsync()).Nodes.Nodes.Single(n => n.SiloName == "silo2").Node;

        var ahead = await operations.DrainAsync(node, dryRun: true);
        await Eventually.HoldsAsync("the node has replicas", async () =>
        {
            if (ahead.Replicas > 0) return true;
            await PutAsync(cluster, file, 0); // a node that came last may have been passed over by the first chunks
            ahead = await operations.DrainAsync(node, dryRun: true);
            return false;
        });
        Assert.Equal((NodeState.Registered, 0L, 0L), (ahead.State, ahead.NoTarget, ahead.OnlyCopies));
        Assert.Equal(DfsStatus.Conflict, (await Assert.ThrowsAsync<DfsException>(() => operations.DecommissionAsync(node))).Status);
        Assert.Equal(DfsStatus.Conflict, (await Assert.ThrowsAsync<DfsException>(() => operations.DecommissionAsync(node, isLost: true))).Status);

        // Writes go on while it empties.
        await operations.DrainAsync(node);
        for (var i = 4; i < 6; i++) await PutAsync(cluster, file, i);
        await Eventually.HoldsAsync(
            () => $"nothing is left on the drained node\n{cluster.Output}",
            async () => (await operations.ProgressAsync()).Single() is { Replicas: 0, State: NodeState.Draining });
        Assert.Equal(NodeState.Decommissioned, (await operations.DecommissionAsync(node)).State);
        var status = await dfs.StatusAsync();
        Assert.Equal((0L, 3), (status.UnderReplicated, status.WantedReplicas));

        await cluster.KillAsync("silo2");
        for (var i = 0; i < 6; i++) Assert.Equal(file.Hash, await HashAsync(cluster, i));

        // Back again, empty: a rebalance gives it its share.
        await cluster.WaitUntilHealthyAsync("silo2", restarts: 1);
        Assert.Equal(NodeState.Registered, (await operations.StayAsync(node)).State);
        await Eventually.HoldsAsync("every chunk is sealed", async () =>
        {
            if ((await operations.RebalanceAsync(dryRun: true)).Left > 0) return true;
            await PutAsync(cluster, file, 6); // the chunks of the uploads are still open: more bytes make more of them sealed
            return false;
        });
        var begun = await operations.RebalanceAsync();
        Assert.True(begun is { IsRunning: true, Planned: > 0 });
        await Eventually.HoldsAsync(
            () => $"the rebalance ends\n{cluster.Output}", async () => !(await operations.RebalanceProgressAsync()).IsRunning);
        Assert.Equal(0, (await dfs.StatusAsync()).UnderReplicated);
        for (var i = 0; i < 6; i++) Assert.Equal(file.Hash, await HashAsync(cluster, i));
    }

    private static async Task PutAsync(LocalCluster cluster, RandomFile file, int number) =>
        await cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = $"file{number}", FilePath = file.FilePath });

    private static async Task<string> HashAsync(LocalCluster cluster, int number)
    {
        using var response = await cluster.S3.GetObjectAsync(Bucket, $"file{number}");
        return await RandomFile.HashAsync(response.ResponseStream);
    }
}
