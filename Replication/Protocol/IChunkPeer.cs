using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>
/// A storage node as others call it: over TCP (<see cref="TcpChunkPeer"/>), or the node itself in the same process and in simulations.
/// Every expected outcome is a <see cref="ChunkStatus"/>; only the caller's own cancellation throws (<see cref="OperationCanceledException"/>), and
/// then the
/// operation may or may not have been done.
/// <para>Order: <see cref="AppendAsync"/> and <see cref="ReplicateAsync"/> fix the order of arrival before they first return to the caller, so calls
/// made one after the other, without
/// awaiting, arrive in that order.</para>
/// <para>Memory: what is passed in belongs to the callee until the returned task has ended, also when it is cancelled.</para>
/// </summary>
public interface IChunkPeer
{
    NodeAddress Address { get; }

    /// <summary>P4. Ok when file and folder are durable. WrongIncarnation, AlreadyExists, ReadOnly, OutOfSpace, IoError.</summary>
    ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken);

    /// <summary>P6–P8. <paramref name="record"/>: one unplaced record, at most <see cref="RecordLayout.MaxRecordSize"/> bytes. Answered when durable
    /// on every replica.</summary>
    ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken);

    /// <summary>P6. <paramref name="record"/>: one placed record. Answered when durable here.</summary>
    ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken);

    /// <summary>P10: closes for appends, fsyncs, and answers the durable length; may be repeated.</summary>
    ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken);

    /// <summary>Fills all of <paramref name="destination"/> (at most <see cref="RecordLayout.MaxRecordSize"/> bytes) with raw bytes of the file from
    /// physical
    /// <paramref name="offset"/>; the caller checks the pages. Not one byte is promised unless Ok. NotServed (P28), UnknownReplica, BadRequest
    /// (behind the end), IoError.</summary>
    ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>P14: cuts a closed replica to the sealed length; only when the chunk's row is sealed.</summary>
    ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken);

    /// <summary>Deletes exactly this file (P3). Ok also when it is not there.</summary>
    ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken);

    /// <summary>P27: pulls, verifies, makes durable and reads back; the file is not served until the catalog has it live (P28).</summary>
    ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken);

    /// <summary>Reads and checks every page of <c>[0, length)</c>; the proof of P13 and the scrub.</summary>
    ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken);

    /// <summary>P28: the files of the node, a page at a time; <paramref name="after"/> is the last file of the page before, or default.</summary>
    ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken);

    ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken);
}
