using OrleansDfs.Replication;
using OrleansDfs.Storage;

namespace OrleansDfs.Node;

/// <summary>What the chunk engine says, as the protocol says it.</summary>
internal static class StoreStatusMap
{
    public static ChunkStatus ToChunkStatus(this StoreStatus status) => status switch
    {
        StoreStatus.Done => ChunkStatus.Ok,
        StoreStatus.Absent => ChunkStatus.UnknownReplica,
        StoreStatus.Closed => ChunkStatus.Closed,
        StoreStatus.Refused => ChunkStatus.NotContiguous,
        StoreStatus.Full => ChunkStatus.OutOfSpace,
        StoreStatus.ReadOnly => ChunkStatus.ReadOnly,
        StoreStatus.Damaged => ChunkStatus.Damaged,
        StoreStatus.IoError => ChunkStatus.IoError,
        StoreStatus.Invalid => ChunkStatus.BadRequest,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown store status."),
    };
}
