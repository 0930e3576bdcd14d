using System.Net.Sockets;
using OrleansDfs.Model;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Replication.Tests;

/// <summary>The other end of a <see cref="TcpChunkPeer"/>, led by the test frame by frame.</summary>
internal sealed class ScriptedNode : IDisposable
{
    private readonly Loopback _loopback = new();

    public ClusterIdentity Cluster { get; } = new(Guid.NewGuid(), new byte[32]);

    public NodeId Node { get; } = NodeId.New();

    public NodeAddress Address => new(Node, 1, "127.0.0.1", _loopback.Port);

    /// <summary>Accepts one connection and its HELLO.</summary>
    public async Task<Session> AcceptAsync()
    {
        var socket = await _loopback.AcceptAsync();
        var reader = new FrameReader(new WireChannel(socket));
        Assert.Null(await Handshake.AcceptAsync(new WireChannel(socket), reader, Cluster, Node, 1, Patience.Token()));
        return new Session(socket, reader);
    }

    public void Dispose() => _loopback.Dispose();

    internal sealed class Session(Socket socket, FrameReader reader) : IDisposable
    {
        public async Task<(FrameHead Head, byte[] Body)> TakeAsync()
        {
            var head = await reader.ReadHeadAsync(Patience.Token());
            Assert.NotNull(head);
            return (head.Value, (await reader.ReadAsync(head.Value.Length, Patience.Token())).ToArray());
        }

        public async Task AnswerAsync(FrameHead request, ChunkStatus status, byte[] fields)
        {
            ReadOnlyMemory<byte> frame = OutgoingFrame.AnswerHead(request.Opcode, request.RequestId, status, fields, 0);
            while (!frame.IsEmpty) frame = frame[await socket.SendAsync(frame, SocketFlags.None, Patience.Token())..];
        }

        public void Dispose() => socket.Dispose();
    }
}
