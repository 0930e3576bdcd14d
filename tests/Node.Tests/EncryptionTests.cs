using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Node.Tests;

/// <summary>The chunk protocol inside TLS, and a node that requires it.</summary>
public class EncryptionTests
{
    [Fact]
    public async Task Records_large_and_small_pass_an_encrypted_cluster_unchanged()
    {
        await using var cluster = await TestCluster.StartAsync(tls: ClusterTlsMode.On);
        var chunk = await cluster.OpenAsync();
        foreach (var size in new[] { 1, 100, 70_000, RecordLayout.MaxPayload })
        {
            var record = Records.Unplaced(size, size);
            var written = await chunk.AppendAsync(record).Within();
            Assert.Equal(ChunkStatus.Ok, written.Status);
            var expected = Records.Placed(record, chunk.Chunk, written.Start);
            for (var node = 0; node < 3; node++)
                Assert.True((await chunk.ReadAsync(node, written.Start, written.End).Within()).AsSpan().SequenceEqual(expected));
        }
        Assert.All(cluster.Nodes, node => Assert.Empty(node.Refusals));
    }

    [Fact]
    public async Task A_member_that_does_not_encrypt_is_refused_where_encryption_is_required()
    {
        await using var cluster = await TestCluster.StartAsync(1, tls: ClusterTlsMode.On);
        var chunk = await cluster.OpenAsync();
        var plain = new ClusterIdentity(cluster.Identity.ClusterId, Enumerable.Range(1, 32).Select(i => (byte)i).ToArray());
        await using var peers = new ChunkPeers(plain, ChunkPeerOptions.Default, TimeProvider.System);
        Assert.NotEqual(ChunkStatus.Ok, (await peers.Get(cluster.Nodes[0].Address).CloseAsync(chunk.File(0), default).Within()).Status);
        await Patience.Until(() => cluster.Nodes[0].Refusals.Any(r => r.Contains("TLS", StringComparison.Ordinal)));
        Assert.Equal(ChunkStatus.Ok, (await chunk.AppendAsync(Records.Unplaced(100)).Within()).Status); // and it was not closed
    }

    [Fact]
    public async Task A_node_that_need_not_encrypt_takes_those_who_do()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var chunk = await cluster.OpenAsync();
        var on = new ClusterIdentity(cluster.Identity.ClusterId, Enumerable.Range(1, 32).Select(i => (byte)i).ToArray(), ClusterTlsMode.On);
        await using var peers = new ChunkPeers(on, ChunkPeerOptions.Default, TimeProvider.System);
        Assert.Equal(ChunkStatus.Ok, (await peers.Get(cluster.Nodes[0].Address).CloseAsync(chunk.File(0), default).Within()).Status);
    }

    [Fact]
    public async Task A_wrong_secret_gets_no_further_than_the_handshake()
    {
        await using var cluster = await TestCluster.StartAsync(1, tls: ClusterTlsMode.On);
        var chunk = await cluster.OpenAsync();
        var other = new ClusterIdentity(cluster.Identity.ClusterId, new byte[32], ClusterTlsMode.On);
        await using var others = new ChunkPeers(other, ChunkPeerOptions.Default, TimeProvider.System);
        Assert.Equal(ChunkStatus.Refused, (await others.Get(cluster.Nodes[0].Address).CloseAsync(chunk.File(0), default).Within()).Status);
        await Patience.Until(() => !cluster.Nodes[0].Refusals.IsEmpty);
    }

    /// <summary>Nothing at all, half a TLS record, half a HELLO: each holds a connection until the handshake's deadline and not longer.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("160301")]
    [InlineData("50000000010000")]
    public async Task A_silent_connection_ends_with_the_deadline(string hex)
    {
        var time = new FakeTimeProvider();
        var identity = new ClusterIdentity(Guid.NewGuid(), new byte[32]);
        await using var cluster = await TestCluster.StartAsync(1);
        await using var endpoint = new ChunkEndpoint(identity, new ChunkEndpointOptions(), time);
        var port = (await endpoint.ListenAsync()).Port;
        endpoint.Start(cluster.Nodes[0].Node);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        if (hex.Length > 0) await socket.SendAsync(Convert.FromHexString(hex));
        await Patience.Until(() => endpoint.Connections == 1);
        var closed = socket.ReceiveAsync(new byte[1], SocketFlags.None);
        time.Advance(new ChunkEndpointOptions().HandshakeTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(closed.IsCompleted);
        // The connection's own clock may begin a little after the one above was moved.
        await Patience.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return endpoint.Connections == 0;
        });
        Assert.True(await HasEndedAsync(closed));
    }

    private static async Task<bool> HasEndedAsync(Task<int> receiving)
    {
        try
        {
            return await receiving.Within() == 0;
        }
        catch (SocketException)
        {
            return true; // closed with bytes that nobody had read
        }
    }
}
