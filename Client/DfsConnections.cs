using Microsoft.Extensions.Logging;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// What one process has for the data path: the node table with its connections, the leased open chunks and the record buffers. One per process;
/// registered by
/// <c>AddOrleansDfsClient</c>. Writers and readers of files are made here.
/// </summary>
public sealed class DfsConnections : IAsyncDisposable
{
    /// <param name="peers">Connections to nodes, or a simulation's.</param>
    /// <param name="watch">Told of lost connections to silos by whoever has them; <c>null</c>: nobody.</param>
    public DfsConnections(IGrainFactory grains, DfsClientOptions options, PeerSource peers, TimeProvider time,
        ILoggerFactory loggers, SiloWatch? watch = null)
    {
        Grains = new ClusterGrains(grains, watch ?? new SiloWatch(time), time);
        Options = options;
        Time = time;
        Nodes = new NodeDirectory(Grains, options, peers, time, loggers.CreateLogger<NodeDirectory>());
        Leases = new ChunkLeases(Grains, Nodes, options, time, loggers.CreateLogger<ChunkLeases>());
        Buffers = new StreamBuffers(options, time);
    }

    public ClusterGrains Grains { get; }

    public DfsClientOptions Options { get; }

    public NodeDirectory Nodes { get; }

    public ChunkLeases Leases { get; }

    /// <summary>Told of every replica that failed a reader; must be quick and not throw.</summary>
    public Action<BadReplica>? OnBadReplica { get; set; }

    /// <summary>Spreads readers over replicas; a simulation gives a seeded one.</summary>
    public Random Random { get; init; } = Random.Shared;

    internal StreamBuffers Buffers { get; }

    internal TimeProvider Time { get; }

    /// <summary>Begins to write the bytes of one blob: a plain PUT, or one part. Nothing is sent before the first record is full or the body
    /// ends.</summary>
    /// <param name="owner">Bucket and key, and with a part its upload and number.</param>
    /// <param name="digests">What to compute while bytes pass.</param>
    /// <param name="sizeHint">Length of the body if known, else <c>null</c>; only a hint, it saves copying the first page.</param>
    /// <param name="patience">Longest wait for the first record's buffer, after which the writer gives up as <c>Busy</c>; <c>null</c>: none. Once
    /// begun, a stream waits as long as it takes.</param>
    public FileWriter OpenWriter(RecordOwner owner, BlobId blob, Digests digests, long? sizeHint = null, TimeSpan? patience = null) =>
        new(this, owner, blob, digests, sizeHint, patience);

    /// <summary>Begins to read payload bytes <c>[offset, offset + length)</c> of an opened version.</summary>
    /// <param name="first">The slice that came with <see cref="IFileGrain.Open"/>; later slices are asked for when needed.</param>
    /// <param name="patience">As with <see cref="OpenWriter"/>, for the first bytes.</param>
    public FileReader OpenReader(FileVersion version, ManifestPage first, long offset, long length, TimeSpan? patience = null) =>
        new(this, version, first, offset, length, patience);

    /// <summary>Gives the open chunks back and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await Leases.DisposeAsync();
        await Nodes.DisposeAsync();
    }
}
