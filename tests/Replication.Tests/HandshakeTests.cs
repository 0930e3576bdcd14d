using System.Net.Sockets;
using OrleansDfs.Model;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Replication.Tests;

public class HandshakeTests : IDisposable
{
    private static readonly Guid Cluster = Guid.NewGuid();
    private static readonly NodeId Node = NodeId.New();
    private readonly Loopback _loopback = new();

    public void Dispose() => _loopback.Dispose();

    [Fact]
    public async Task Members_accept_each_other()
    {
        var (client, server) = await HelloAsync(Identity(), Identity(), Address());
        Assert.Equal(ChunkStatus.Ok, client);
        Assert.Null(server);
    }

    /// <summary>Closed without a word: the connecting side sees an end, not a reason.</summary>
    [Fact]
    public async Task A_wrong_secret_is_refused()
    {
        var (client, server) = await HelloAsync(Identity(secret: 2), Identity(), Address());
        Assert.Null(client);
        Assert.Contains("secret", server);
    }

    [Fact]
    public async Task Another_cluster_is_refused_before_it_gets_a_challenge()
    {
        var (client, server) = await HelloAsync(new ClusterIdentity(Guid.NewGuid(), Secret(1)), Identity(), Address());
        Assert.Null(client);
        Assert.Contains("another cluster", server);
    }

    [Theory]
    [InlineData(2, 9)]
    [InlineData(0, 0)]
    public async Task A_version_without_overlap_is_refused(int min, int max)
    {
        var (client, server) = await HelloAsync(Identity(), Identity(), Address(), (ushort)min, (ushort)max);
        Assert.Null(client);
        Assert.Contains("versions", server);
    }

    [Fact]
    public async Task A_newer_version_range_that_includes_ours_is_accepted()
    {
        var (client, _) = await HelloAsync(Identity(), Identity(), Address(), 1, 9);
        Assert.Equal(ChunkStatus.Ok, client);
    }

    /// <summary>P1, P2: a restarted node is told from the one that was meant.</summary>
    [Fact]
    public async Task Another_incarnation_is_noticed()
    {
        var (client, _) = await HelloAsync(Identity(), Identity(), Address() with { Incarnation = 4 });
        Assert.Equal(ChunkStatus.WrongIncarnation, client);
    }

    [Fact]
    public async Task Another_node_on_the_port_is_noticed()
    {
        var (client, _) = await HelloAsync(Identity(), Identity(), Address() with { Node = NodeId.New() });
        Assert.Equal(ChunkStatus.Refused, client);
    }

    /// <summary>A server that does not know the secret must not be believed, though the client spoke first.</summary>
    [Fact]
    public async Task A_server_that_plays_back_the_clients_own_proof_is_refused()
    {
        var (client, server) = await _loopback.PairAsync();
        using (client)
        using (server)
        {
            var connecting = Handshake.ConnectAsync(new WireChannel(client), new FrameReader(new WireChannel(client)),
                Identity(), Address(), 1, 1, Patience.Token());
            var reader = new FrameReader(new WireChannel(server));
            await TakeAsync(reader);
            await server.SendAsync(OutgoingFrame.RequestHead(Opcode.Challenge, 0, new byte[40], 0));
            var proof = await TakeAsync(reader);
            var welcome = new WireWriter(56);
            welcome.Guid(Node.Value);
            welcome.I64(3);
            welcome.Bytes(proof);
            await server.SendAsync(OutgoingFrame.RequestHead(Opcode.Welcome, 0, welcome.ToArray(), 0));
            Assert.Equal(ChunkStatus.Refused, await connecting.Within());
        }

        static async Task<byte[]> TakeAsync(FrameReader reader)
        {
            var head = await reader.ReadHeadAsync(Patience.Token());
            return (await reader.ReadAsync(head!.Value.Length, Patience.Token())).ToArray();
        }
    }

    [Theory]
    [InlineData("474554202F20485454502F312E310D0A0D0A")] // GET / HTTP/1.1
    [InlineData("10000000130000000000000000000000" + "00000000000000000000000000000000")] // a close before any HELLO
    [InlineData("00000000010000000000000000000000")] // an empty HELLO
    public async Task Anything_but_a_hello_is_malformed(string hex)
    {
        var (client, server) = await _loopback.PairAsync();
        using (client)
        using (server)
        {
            await client.SendAsync(Convert.FromHexString(hex));
            client.Shutdown(SocketShutdown.Send);
            await Assert.ThrowsAsync<WireException>(() =>
                Handshake.AcceptAsync(new WireChannel(server), new FrameReader(new WireChannel(server)), Identity(), Node, 3, Patience.Token()));
        }
    }

    private async Task<(ChunkStatus? Client, string? Server)> HelloAsync(
        ClusterIdentity connecting, ClusterIdentity accepting, NodeAddress wanted, ushort min =
            Handshake.MinVersion, ushort max = Handshake.MaxVersion)
    {
        var (client, server) = await _loopback.PairAsync();
        using (client)
        {
            var accept = AcceptAsync(server, accepting);
            ChunkStatus? status = null;
            try
            {
                status = await Handshake.ConnectAsync(new WireChannel(client), new FrameReader(new WireChannel(client)),
                    connecting, wanted, min, max, Patience.Token());
            }
            catch (Exception e) when (e is WireException or SocketException)
            {
                Assert.Null(status);
            }
            return (status, await accept.Within());
        }
    }

    private static async Task<string?> AcceptAsync(Socket server, ClusterIdentity cluster)
    {
        using (server)
            return await Handshake.AcceptAsync(new WireChannel(server), new FrameReader(new WireChannel(server)), cluster, Node, 3, Patience.Token());
    }

    private NodeAddress Address() => new(Node, 3, "127.0.0.1", _loopback.Port);

    private static ClusterIdentity Identity(byte secret = 1) => new(Cluster, Secret(secret));

    private static byte[] Secret(byte value) => [.. Enumerable.Repeat(value, 32)];
}
