using System.Net;
using System.Net.Sockets;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Node.Tests;

public class EndpointTests
{
    public static TheoryData<string, byte[]> MalformedFrames => new()
    {
        { "unknown opcode", Frame(0, 99) },
        { "a second HELLO", Frame(80, (byte)Opcode.Hello) },
        { "an answer", Frame(8, (byte)Opcode.Close, flags: 1) },
        { "unknown flags", Frame(16, (byte)Opcode.Close, flags: 2) },
        { "longer than a frame may be", Frame(FrameHead.MaxLength + 1, (byte)Opcode.Append, body: 0) },
        { "an append without a record", Frame(24, (byte)Opcode.Append) },
        { "an append of more than a record", Frame(24 + RecordLayout.MaxRecordSize + 1, (byte)Opcode.Append, body: 0) },
        { "a close cut short", Frame(15, (byte)Opcode.Close) },
        { "a read of nothing", Frame(32, (byte)Opcode.Read) },
        { "a create with rubbish", Frame(300, (byte)Opcode.Create, fill: 0xee) },
        { "a status with a body", Frame(1, (byte)Opcode.Status) },
    };

    [Theory]
    [MemberData(nameof(MalformedFrames))]
    public async Task A_malformed_frame_closes_its_connection_and_nothing_else(string what, byte[] frame)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var chunk = await cluster.OpenAsync();
        using var socket = await HelloAsync(cluster);
        await socket.SendAsync(frame);
        Assert.True(await IsClosedAsync(socket), what);
        Assert.Equal(ChunkStatus.Ok, (await chunk.AppendAsync(Records.Unplaced(100)).Within()).Status);
    }

    [Fact]
    public async Task A_stranger_is_closed_and_a_frame_cut_off_in_the_middle_gives_its_buffer_back()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        using (var stranger = await ConnectAsync(cluster))
        {
            await stranger.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            Assert.True(await IsClosedAsync(stranger));
        }
        using (var member = await HelloAsync(cluster))
        {
            await member.SendAsync(Frame(24 + 500_000, (byte)Opcode.Append, body: 1000));
            await Patience.Until(() => cluster.Nodes[0].Node.AppendBuffers.InUse == 1);
        }
        await Patience.Until(() => cluster.Nodes[0].Node.AppendBuffers.InUse == 0 && cluster.Nodes[0].Endpoint.Connections == 0);
        Assert.NotEmpty(cluster.Nodes[0].Refusals);
    }

    [Fact]
    public async Task A_wrong_secret_gets_no_further_than_the_HELLO()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var chunk = await cluster.OpenAsync();
        await using var others =
            new ChunkPeers(new ClusterIdentity(cluster.Identity.ClusterId, new byte[32]), ChunkPeerOptions.Default, TimeProvider.System);
        Assert.Equal(ChunkStatus.Refused, (await others.Get(cluster.Nodes[0].Address).CloseAsync(chunk.File(0), default).Within()).Status);
        Assert.Equal(ChunkStatus.Ok, (await chunk.AppendAsync(Records.Unplaced(100)).Within()).Status);
        await Patience.Until(() => cluster.Nodes[0].Refusals.Any(r => r.Contains("secret", StringComparison.Ordinal)));
    }

    /// <summary>More than one connection's bound in flight at once: the connection is held back, not broken.</summary>
    [Fact]
    public async Task More_reads_than_there_is_room_for_are_all_answered()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var chunk = await cluster.OpenAsync();
        var record = Records.Unplaced(RecordLayout.MaxPayload);
        var written = await chunk.AppendAsync(record).Within();
        var expected = Records.Placed(record, chunk.Chunk, written.Start);
        var reads = Enumerable.Range(0, 100).Select(_ => chunk.ReadAsync(0, written.Start, written.End)).ToList();
        foreach (var read in reads) Assert.True((await read.Within()).AsSpan().SequenceEqual(expected));
        await Patience.Until(() => cluster.Nodes[0].Node.ReadBuffers.InUse == 0);
    }

    [Fact]
    public async Task A_stop_answers_or_ends_everything_that_waits()
    {
        await using var cluster = await TestCluster.StartAsync();
        var chunk = await cluster.OpenAsync();
        var appends = Enumerable.Range(0, 50).Select(i => chunk.AppendAsync(Records.Unplaced(20_000, i)).AsTask()).ToList();
        await appends[0].Within();
        await cluster.Nodes[0].DisposeAsync();
        foreach (var append in appends) await append.Within();
        Assert.Contains(appends, a => a.Result.Status == ChunkStatus.Ok);
    }

    private static byte[] Frame(int length, byte opcode, byte flags = 0, int? body = null, byte fill = 0)
    {
        var bytes = new byte[FrameHead.Size + (body ?? length)];
        new FrameHead(length, (Opcode)opcode, false, 1).Write(bytes);
        bytes[5] = flags;
        bytes.AsSpan(FrameHead.Size).Fill(fill);
        return bytes;
    }

    private static async Task<Socket> ConnectAsync(TestCluster cluster)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, cluster.Nodes[0].Address.Port);
        return socket;
    }

    private static async Task<Socket> HelloAsync(TestCluster cluster)
    {
        var socket = await ConnectAsync(cluster);
        var status = await Handshake.ConnectAsync(new WireChannel(socket), new FrameReader(new WireChannel(socket)),
            cluster.Identity, cluster.Nodes[0].Address, 1, 1, default).Within();
        Assert.Equal(ChunkStatus.Ok, status);
        return socket;
    }

    private static async Task<bool> IsClosedAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], SocketFlags.None).Within() == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
