namespace OrleansDfs.Replication;

/// <summary>Settings of the connections to storage nodes; each default with its reason.</summary>
public sealed record ChunkPeerOptions
{
    public static ChunkPeerOptions Default { get; } = new();

    /// <summary>Connections per peer for reads. Two: one large answer does not hold up the next.</summary>
    public int ReadConnections { get; init; } = 2;

    /// <summary>Kernel buffers per socket and direction (measured: +50 % at 1 MiB frames against the default).</summary>
    public int SocketBufferSize { get; init; } = 1024 * 1024;

    /// <summary>Bytes asked of the socket at once (measured: 256 KiB).</summary>
    public int ReceiveBufferSize { get; init; } = 256 * 1024;

    /// <summary>Connect and HELLO together. Below the append deadline: a writer then knows the cause.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>One send, or the rest of an answer whose first byte has come, that takes longer breaks the connection: the peer hangs in mid-frame.
    /// It
    /// also bounds how long a cancelled call may have to wait for its memory.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>First pause after a failed connect; doubles up to <see cref="MaxBackoff"/>. Calls within the pause answer Unreachable at
    /// once.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(2);
}
