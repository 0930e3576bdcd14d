using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>The chunk engine of one data folder.</summary>
public sealed class ChunkStore : IAsyncDisposable
{
    /// <summary>Made once in an empty folder and kept there (P1).</summary>
    public NodeId NodeId => throw new NotImplementedException();

    public Guid ClusterId => throw new NotImplementedException();

    public StoreState State => throw new NotImplementedException();

    /// <summary>Why the store is read-only or full, for an operator; null when ready.</summary>
    public string? StateReason => throw new NotImplementedException();

    /// <summary>Size of the disk, as last measured.</summary>
    public long TotalBytes => throw new NotImplementedException();

    /// <summary>Free bytes, as last measured less what was written since.</summary>
    public long FreeBytes => throw new NotImplementedException();

    /// <summary>Called after every change of <see cref="State"/>, from the thread that met it; it must not block.</summary>
    public event Action<StoreState>? StateChanged { add => throw new NotImplementedException(); remove => throw new NotImplementedException(); }

    /// <summary>Locks the folder, reads or makes its identity, lists its files. Takes time by the number of files, not their bytes.</summary>
    /// <exception cref="DataFolderException">Locked, of another cluster, of a newer format, or unreadable.</exception>
    public static ValueTask<ChunkStore> OpenAsync(IDisk disk, Guid clusterId, ChunkStoreOptions? options = null) => throw new NotImplementedException();

    /// <summary>Makes the replica file, durable in its folder (P4). Repeating it is <see cref="StoreStatus.Done"/> while the file takes appends.</summary>
    public ValueTask<StoreStatus> CreateAsync(ReplicaFile file) => throw new NotImplementedException();

    /// <summary>
    /// Appends one placed record (<see cref="Format.Place"/>) whose pages the caller has verified; completes when it is durable (P6, P7). The
    /// memory stays the store's until then: a caller that gives up earlier must not reuse it.
    /// </summary>
    public ValueTask<AppendOutcome> AppendAsync(ReplicaFile file, long offset, ReadOnlyMemory<byte> record) => throw new NotImplementedException();

    /// <summary>Closes for appends for ever and answers the durable length (P10). Absent: a tombstone refuses a later create.</summary>
    public ValueTask<CloseOutcome> CloseAsync(ReplicaFile file) => throw new NotImplementedException();

    /// <summary>Reads exactly <paramref name="destination"/>.Length bytes from a physical offset, inside the durable length. Pages are not verified: the reader does (P22).</summary>
    public ValueTask<ReadOutcome> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination) => throw new NotImplementedException();

    /// <summary>Cuts a closed file to the sealed length (P14), durably. Shorter already: <see cref="StoreStatus.Damaged"/>.</summary>
    public ValueTask<StoreStatus> TruncateAsync(ReplicaFile file, long length) => throw new NotImplementedException();

    /// <summary>Deletes the file, durably. Absent is done.</summary>
    public ValueTask<StoreStatus> DeleteAsync(ReplicaFile file) => throw new NotImplementedException();

    /// <summary>
    /// Repair (P27): writes a replica file from <paramref name="pieces"/> (its bytes from 0 on, chunk header first, in pieces of any size, each valid until the
    /// next is asked for), makes it durable, reads it back past the page cache and verifies every page. Anything but done leaves no file.
    /// </summary>
    public ValueTask<VerifyOutcome> ImportAsync(
        ReplicaFile file, long length, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Re-reads everything up to <paramref name="length"/> past the page cache and verifies every header and page (P13, scrub).</summary>
    public ValueTask<VerifyOutcome> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>All replica files of this disk (P28).</summary>
    public IReadOnlyList<ReplicaEntry> Inventory() => throw new NotImplementedException();

    /// <summary>Measures the free space anew; also ends <see cref="StoreState.Full"/> when there is room again. For the heartbeat.</summary>
    public ValueTask RefreshSpaceAsync() => throw new NotImplementedException();

    /// <summary>The operator's word that the disk is well (P9): removes the marker and takes changes again. Files closed by the failure stay closed.</summary>
    public ValueTask<StoreStatus> LiftFsyncMarkAsync() => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
