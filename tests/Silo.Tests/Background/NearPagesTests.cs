using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Files;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>The bytes of small files that come along when they are opened on a silo that has them.</summary>
public class NearPagesTests
{
    private const int Page = RecordLayout.PageSize;

    [Theory]
    [InlineData(1)]
    [InlineData(4000)]
    [InlineData(Page)]
    public async Task A_file_of_up_to_a_page_comes_with_its_pages_from_every_silo_that_has_it(int length)
    {
        await using var cluster = await SmallCluster.StartAsync();
        await cluster.WriteAsync("small", length);
        var opened = await OpenAsync(cluster, "small");
        foreach (var node in cluster.Nodes)
        {
            var manifest = (await Near(cluster, node).JoinAsync(opened, Page)).Manifest!;
            var run = new ExtentLayout(manifest.Extents[0]).Locate(0, length);
            Assert.Equal(run.Length, manifest.Pages!.Length);
            Assert.True(Format.VerifyPages(manifest.Pages, run.Payload, manifest.Extents[0].Chunk, run.Offset));
        }
    }

    [Fact]
    public async Task What_is_larger_than_was_wanted_or_than_a_page_comes_without()
    {
        await using var cluster = await SmallCluster.StartAsync();
        await cluster.WriteAsync("small", 4001);
        await cluster.WriteAsync("large", Page + 1);
        var near = Near(cluster, cluster.Nodes.First());
        Assert.Null((await near.JoinAsync(await OpenAsync(cluster, "small"), 4000)).Manifest!.Pages);
        Assert.Null((await near.JoinAsync(await OpenAsync(cluster, "large"), int.MaxValue)).Manifest!.Pages);
    }

    /// <summary>P28: this node's file is not live in the catalog; the others' are read then.</summary>
    [Fact]
    public async Task What_is_not_served_here_comes_without()
    {
        await using var cluster = await SmallCluster.StartAsync();
        await cluster.WriteAsync("small", 4000);
        var opened = await OpenAsync(cluster, "small");
        var node = cluster.Nodes.First();
        var location = opened.Manifest!.Locations.Single();
        node.Withdraw(new ReplicaFile(location.Chunk, location.Replicas.Single(r => r.Node == node.Address.Node).Epoch));
        Assert.Null((await Near(cluster, node).JoinAsync(opened, Page)).Manifest!.Pages);
    }

    [Fact]
    public async Task A_silo_without_a_replica_answers_without()
    {
        await using var cluster = await SmallCluster.StartAsync();
        await cluster.WriteAsync("small", 4000);
        var other = await cluster.AddNodeAsync();
        Assert.Null((await Near(cluster, other).JoinAsync(await OpenAsync(cluster, "small"), Page)).Manifest!.Pages);
    }

    private static NearPages Near(SmallCluster cluster, StorageNode node) => new(node, cluster.Time);

    private static async Task<OpenFileResult> OpenAsync(SmallCluster cluster, string key)
    {
        var read = await cluster.Catalog.Files.ReadAsync(new ReadRequest(cluster.Bucket.Ref, ObjectKey.Parse(key), default, null));
        Assert.Equal(CatalogStatus.Ok, read.Status);
        return new OpenFileResult(DfsStatus.Ok, read.Version, read.Manifest);
    }
}
