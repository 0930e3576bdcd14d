using System.Net.Sockets;
using System.Security.Cryptography;
using OrleansDfs.Model;

namespace OrleansDfs.Replication.Wire;

/// <summary>
/// The first four frames of a connection (docs/formats/wire.md): HELLO, CHALLENGE, PROOF, WELCOME. Both sides prove that they know the cluster's
/// secret by
/// HMAC-SHA256 over both nonces and all that was said, the connecting side first. Invariant: who has not proven it learns nothing but a random
/// nonce; any
/// fault closes the connection without a word.
/// </summary>
public static class Handshake
{
    public const ushort MinVersion = 1;
    public const ushort MaxVersion = 1;

    private const int NonceSize = 32;
    private const int ProofSize = 32;
    private const int HelloSize = 80;
    private const int ChallengeSize = 40;
    private const int WelcomeIdentitySize = 24;

    private static ReadOnlySpan<byte> Magic => "ODFS"u8;
    private static ReadOnlySpan<byte> ClientLabel => "odfs/1 client   "u8;
    private static ReadOnlySpan<byte> ServerLabel => "odfs/1 server   "u8;

    /// <summary>Connecting side. Ok, WrongIncarnation, or Refused when the other is no member, or another node.</summary>
    /// <exception cref="WireException">The other side speaks something else, or closed because we were not to its liking.</exception>
    /// <exception cref="SocketException">The connection broke.</exception>
    public static async Task<ChunkStatus> ConnectAsync(
        WireChannel channel, FrameReader reader, ClusterIdentity cluster, NodeAddress wanted, ushort minVersion,
            ushort maxVersion, CancellationToken cancellationToken)
    {
        var hello = Hello(cluster.ClusterId, wanted, minVersion, maxVersion);
        await SendAsync(channel, Opcode.Hello, hello, cancellationToken);
        var challenge = await ReceiveAsync(reader, Opcode.Challenge, ChallengeSize, cancellationToken);
        await SendAsync(channel, Opcode.Proof, Proof(cluster, ClientLabel, hello, challenge, []), cancellationToken);
        var welcome = await ReceiveAsync(reader, Opcode.Welcome, WelcomeIdentitySize + ProofSize, cancellationToken);
        var expected = Proof(cluster, ServerLabel, hello, challenge, welcome.AsSpan(0, WelcomeIdentitySize));
        if (!CryptographicOperations.FixedTimeEquals(expected, welcome.AsSpan(WelcomeIdentitySize))) return ChunkStatus.Refused;
        var identity = new WireReader(welcome);
        if (new NodeId(identity.Guid()) != wanted.Node) return ChunkStatus.Refused;
        return identity.I64() == wanted.Incarnation ? ChunkStatus.Ok : ChunkStatus.WrongIncarnation;
    }

    /// <summary>Accepting side. Null when the other side has proven itself; else why the connection is to be closed, for the log and not for the
    /// other side.</summary>
    /// <exception cref="WireException">Anything but a HELLO came first, or it was malformed.</exception>
    /// <exception cref="SocketException">The connection broke.</exception>
    public static async Task<string?> AcceptAsync(
        WireChannel channel, FrameReader reader, ClusterIdentity cluster, NodeId node, long incarnation, CancellationToken cancellationToken)
    {
        var hello = await ReceiveAsync(reader, Opcode.Hello, HelloSize, cancellationToken);
        if (Judge(hello, cluster.ClusterId) is { } reason) return reason;
        var challenge = Challenge();
        await SendAsync(channel, Opcode.Challenge, challenge, cancellationToken);
        var proof = await ReceiveAsync(reader, Opcode.Proof, ProofSize, cancellationToken);
        if (!CryptographicOperations.FixedTimeEquals(Proof(cluster, ClientLabel, hello, challenge, []), proof))
            return "it does not know the cluster's secret";
        await SendAsync(channel, Opcode.Welcome, Welcome(cluster, hello, challenge, node, incarnation), cancellationToken);
        return null;
    }

    private static byte[] Hello(Guid cluster, NodeAddress wanted, ushort minVersion, ushort maxVersion)
    {
        var writer = new WireWriter(HelloSize);
        writer.Bytes(Magic);
        writer.U16(minVersion);
        writer.U16(maxVersion);
        writer.Guid(cluster);
        writer.Guid(wanted.Node.Value);
        writer.I64(wanted.Incarnation);
        writer.Bytes(RandomNumberGenerator.GetBytes(NonceSize));
        return writer.ToArray();
    }

    private static string? Judge(ReadOnlySpan<byte> hello, Guid cluster)
    {
        var reader = new WireReader(hello);
        if (!reader.Bytes(4).SequenceEqual(Magic)) return "it does not speak the chunk protocol";
        var min = reader.U16();
        var max = reader.U16();
        if (min > MaxVersion || max < MinVersion) return $"it speaks versions {min} to {max}, this node {MinVersion} to {MaxVersion}";
        return reader.Guid() == cluster ? null : "it belongs to another cluster";
    }

    private static byte[] Challenge()
    {
        var writer = new WireWriter(ChallengeSize);
        writer.Bytes(RandomNumberGenerator.GetBytes(NonceSize));
        writer.U16(MaxVersion);
        writer.Reserved(6);
        return writer.ToArray();
    }

    private static byte[] Welcome(ClusterIdentity cluster, byte[] hello, byte[] challenge, NodeId node, long incarnation)
    {
        var identity = new WireWriter(WelcomeIdentitySize + ProofSize);
        identity.Guid(node.Value);
        identity.I64(incarnation);
        identity.Bytes(Proof(cluster, ServerLabel, hello, challenge, WelcomeIdentity(node, incarnation)));
        return identity.ToArray();
    }

    private static byte[] WelcomeIdentity(NodeId node, long incarnation)
    {
        var writer = new WireWriter(WelcomeIdentitySize);
        writer.Guid(node.Value);
        writer.I64(incarnation);
        return writer.ToArray();
    }

    // The label keeps one side's proof from being played back as the other's.
    private static byte[] Proof(
        ClusterIdentity cluster, ReadOnlySpan<byte> label, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> identity)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, cluster.Secret);
        mac.AppendData(label);
        mac.AppendData(hello);
        mac.AppendData(challenge);
        mac.AppendData(identity);
        return mac.GetHashAndReset();
    }

    private static async Task SendAsync(WireChannel channel, Opcode opcode, byte[] body, CancellationToken cancellationToken) =>
        await channel.SendAsync(OutgoingFrame.RequestHead(opcode, 0, body, 0), cancellationToken);

    private static async Task<byte[]> ReceiveAsync(FrameReader reader, Opcode opcode, int size, CancellationToken cancellationToken)
    {
        var head = await reader.ReadHeadAsync(cancellationToken) ?? throw new WireException("The connection ended during the HELLO.");
        if (head.Opcode != opcode || head.IsAnswer || head.Length != size) throw new WireException($"Not a {opcode} frame.");
        return (await reader.ReadAsync(size, cancellationToken)).ToArray();
    }
}
