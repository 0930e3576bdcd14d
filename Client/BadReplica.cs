using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>A replica that gave wrong bytes, or none, to a reader.</summary>
/// <param name="Offset">Physical offset of the pages asked for.</param>
/// <param name="Status"><see cref="ChunkStatus.Corrupt"/> when pages did not match their checksums, else what the node or the connection
/// said.</param>
public readonly record struct BadReplica(ReplicaAt Replica, ChunkId Chunk, long Offset, ChunkStatus Status);
