using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>Opening chunks while a node does not answer: writers wait for the chunk (issue 4, point 2).</summary>
public class OpenerTests
{
    [Fact]
    public async Task A_node_that_hangs_is_left_out_half_a_second_after_the_others_have_answered()
    {
        await using var cluster = await SmallCluster.StartAsync();
        var hanging = cluster.Nodes.First().Address.Node;
        cluster.Between = peer => peer.Address.Node == hanging
            ? new FaultyPeer(peer, _ => ChunkStatus.Ok) { CreateGate = new TaskCompletionSource().Task }
            : peer;

        var begun = cluster.Time.GetTimestamp();
        var opening = cluster.Opener.OpenAsync(
            new OpenChunkRequest("test", ChunkKind.Shared, [], null), cluster.Options.ChunkSize, TimeSpan.FromMinutes(1));
        for (var tries = 0; !opening.IsCompleted; tries++)
        {
            Assert.True(tries < 1000, "It was not opened.");
            await Task.WhenAny(opening, Task.Delay(10));
            cluster.Time.Advance(TimeSpan.FromMilliseconds(10));
        }
        var outcome = await opening;

        Assert.Single(outcome.Abandoned);
        Assert.Equal(2, outcome.Chunk!.Replicas.Count);
        Assert.DoesNotContain(outcome.Chunk.Replicas, r => r.Node == hanging);
        Assert.InRange(cluster.Time.GetElapsedTime(begun), TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1900));
    }
}
