namespace OrleansDfs.Replication;

/// <summary>
/// How a chunk operation ended. Values travel on the wire (docs/formats/wire.md): never renumber. What is expected is a value here; exceptions are
/// left for bugs and for the caller's own cancellation.
/// </summary>
public enum ChunkStatus : ushort
{
    /// <summary>Done, and where the operation writes: durable.</summary>
    Ok = 0,

    /// <summary>The request names another incarnation of the node (P2). Read the node table again.</summary>
    WrongIncarnation = 1,

    /// <summary>The node has no such file, or it was not created in this incarnation (P2, P3).</summary>
    UnknownReplica = 2,

    /// <summary>The chunk is closed for appends on this replica (P10).</summary>
    Closed = 3,

    /// <summary>An earlier append to the chunk failed (P8): go on in another chunk.</summary>
    Broken = 4,

    /// <summary>The chunk has reached its capacity: go on in another chunk. Nothing is broken; what was acknowledged stays.</summary>
    Full = 5,

    /// <summary>The record does not start at this replica's end and is not a repetition (P6).</summary>
    NotContiguous = 6,

    /// <summary>The node takes no appends: an earlier I/O error or an operator's word (P9).</summary>
    ReadOnly = 7,

    /// <summary>No space left on the disk, or less than its reserve.</summary>
    OutOfSpace = 8,

    /// <summary>The disk reported an error.</summary>
    IoError = 9,

    /// <summary>This replica is proven bad and must not count in a seal (P9, P11).</summary>
    Damaged = 10,

    /// <summary>A page or a record does not match its checksum.</summary>
    Corrupt = 11,

    /// <summary>A close found no file and left a tombstone that refuses a later create (P10).</summary>
    Absent = 12,

    /// <summary>A replica did not answer in time (P8).</summary>
    Deadline = 13,

    /// <summary>No connection to the node, or it broke before the answer. The operation may have been done.</summary>
    Unreachable = 14,

    /// <summary>The file may not be read here: the catalog has not said that it is live (P28).</summary>
    NotServed = 15,

    /// <summary>The request contradicts the protocol or itself.</summary>
    BadRequest = 16,

    /// <summary>The node is stopping.</summary>
    ShuttingDown = 17,

    /// <summary>A create named a file that is there already or that a close has left a tombstone for (P3, P10).</summary>
    AlreadyExists = 18,

    /// <summary>The peer is not the node that the address names, or does not know the cluster's secret.</summary>
    Refused = 19,
}
