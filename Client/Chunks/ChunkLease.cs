using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>An open chunk that this process, and nobody else, writes to until it gives it back.</summary>
public sealed class ChunkLease
{
    private long _reserved = RecordLayout.ChunkHeaderSize;
    private int _underWay;

    internal ChunkLease(OpenChunk chunk, IChunkPeer primary)
    {
        Chunk = chunk;
        Primary = primary;
        Target = new AppendRequest(new ReplicaFile(chunk.Chunk, chunk.PrimaryEpoch), chunk.PrimaryIncarnation);
    }

    public OpenChunk Chunk { get; }

    /// <summary>The node that orders the appends.</summary>
    public IChunkPeer Primary { get; }

    public AppendRequest Target { get; }

    /// <summary>Records sent and not answered.</summary>
    internal int UnderWay => Volatile.Read(ref _underWay);

    internal void Begin() => Interlocked.Increment(ref _underWay);

    internal void End() => Interlocked.Decrement(ref _underWay);

    /// <summary>When the last stream ended here, on the process's clock.</summary>
    internal long IdleSince { get; set; }

    /// <summary>Books room for a record. Only this process appends here, so its own count is never below the chunk's length, and false means that
    /// the primary
    /// would answer Full: a megabyte is not sent to learn it.</summary>
    internal bool TryReserve(int recordSize)
    {
        var end = Interlocked.Add(ref _reserved, recordSize);
        return end <= Chunk.Capacity;
    }
}
