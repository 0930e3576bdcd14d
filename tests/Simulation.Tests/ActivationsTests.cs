using OrleansDfs.Abstractions;

namespace OrleansDfs.Simulation.Tests;

/// <summary>P20: two activations of one file's grain at once are normal for a while; neither may answer from what it remembers.</summary>
public class ActivationsTests
{
    [Fact]
    public void A_read_through_one_activation_sees_what_was_written_through_another() => World.Run(null, async world =>
    {
        await using var cluster = await SimulatedCluster.StartAsync(world, nodes: 3, seed: 1, delays: false);
        var reader = new SimulatedClient(cluster, "reader", seed: 1);
        var writer = new SimulatedClient(cluster, "writer", seed: 2);
        for (var number = 1; number < 4; number++)
        {
            var content = SimulatedClient.Content(number, 1000 * number);
            Assert.Equal(DfsStatus.Ok, await writer.PutAsync("k", content));
            Assert.Equal(content, (await reader.GetAsync("k")).Content);
            Assert.Equal(content, (await reader.GetAsync("k")).Content); // which it now knows
        }
        Assert.Equal(DfsStatus.Ok, await writer.DeleteAsync("k"));
        Assert.Equal(DfsStatus.NoSuchKey, (await reader.GetAsync("k")).Status);
        return true;
    });
}
