using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.DependencyInjection;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Testing;

namespace OrleansDfs.Cluster.Tests;

/// <summary>RELIABILITY I20, PROTOCOL P1: a silo comes back with an empty disk. It is a new node, and is filled by itself.</summary>
public class ReplacedDiskTests
{
    private const string Bucket = "replaced-disk";
    private const int Files = 12;

    /// <summary>Sealed ones at least: the files fill more than four of 2 MiB.</summary>
    private const int Chunks = 3;

    [Fact, Trait("Category", "Slow")]
    public async Task A_replaced_empty_disk_is_a_new_node_and_gets_its_replicas_by_itself()
    {
        var settings = new Dictionary<string, string>
        {
            ["OrleansDfs__RepairAfter"] = "00:00:02",
            ["OrleansDfs__ChunkSize"] = $"{2 * 1024 * 1024}",
        };
        await using var cluster = await LocalCluster.StartAsync(PostgresServer.FindPrograms() is null ? "sqlite" : "postgres", settings: settings);
        await cluster.S3.PutBucketAsync(Bucket);
        var bodies = Enumerable.Range(0, Files).Select(i => RandomBytes(700_000, i)).ToList();
        for (var i = 0; i < Files; i++)
            await cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = $"{i}", InputStream = new MemoryStream(bodies[i]) });
        using var service = await cluster.ConnectAsync();
        var dfs = service.Services.GetRequiredService<IDfsClient>();
        var old = (await dfs.StatusAsync()).Nodes.Nodes.Single(n => n.SiloName == "silo2").Node;

        var operations = service.Services.GetRequiredService<DfsOperations>();

        await cluster.ReplaceDiskAsync("silo2");
        await cluster.WaitUntilHealthyAsync("silo2", restarts: 1);
        IReadOnlyList<NodeScrub> nodes = [];
        string Now() => $"the new node has as many replicas as the others; now {string.Join(", ", nodes)}\n{cluster.Output}";
        await Eventually.HoldsAsync(Now, async () =>
        {
            nodes = await operations.ScrubProgressAsync();
            var other = nodes.Single(n => n.SiloName == "silo1");
            var filled = nodes.SingleOrDefault(n => n.SiloName == "silo2" && n.Node != old);
            return filled?.Replicas >= Chunks && filled.Replicas == other.Replicas && (await dfs.StatusAsync()).UnderReplicated == 0;
        });
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(cluster.Folder, "nodes", "silo2"), "*.chunk", SearchOption.AllDirectories));
        Assert.False((await dfs.StatusAsync()).Nodes.Nodes.Single(n => n.Node == old).Alive);

        // The old disk is given up: nothing depended on it any more.
        await operations.DecommissionAsync(old, isLost: true);
        Assert.Equal(0, (await dfs.StatusAsync()).UnderReplicated);
        for (var i = 0; i < Files; i++)
        {
            using var response = await cluster.S3.GetObjectAsync(Bucket, $"{i}");
            using var content = new MemoryStream();
            await response.ResponseStream.CopyToAsync(content);
            Assert.True(bodies[i].AsSpan().SequenceEqual(content.ToArray()), $"file {i} has other bytes than were written");
        }
        await service.StopAsync();
    }

    private static byte[] RandomBytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
