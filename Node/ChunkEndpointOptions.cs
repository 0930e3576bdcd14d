namespace OrleansDfs.Node;

/// <summary>Limits of the chunk protocol's listener; each default with its reason.</summary>
public sealed record ChunkEndpointOptions
{
    /// <summary>Address to listen on; the advertised one may differ.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>Connections at once; more are closed as they come. Every gateway, CLI and node takes a handful.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Requests of one connection that are not answered yet; then it is not read from, and TCP slows its sender.</summary>
    public int MaxRequestsInFlight { get; init; } = 1024;

    /// <summary>Bytes of records and answers of one connection that are in work, likewise.</summary>
    public int MaxBytesInFlight { get; init; } = 32 * 1024 * 1024;

    /// <summary>From accept to a proven HELLO.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Half a frame that stands still for longer, in or out, ends the connection: it holds a buffer.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stop waits for requests in work.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Kernel buffers per socket and direction (measured: +50 % at 1 MiB frames against the default).</summary>
    public int SocketBufferSize { get; init; } = 1024 * 1024;

    /// <summary>Bytes asked of the socket at once (measured: 256 KiB).</summary>
    public int ReceiveBufferSize { get; init; } = 256 * 1024;
}
