using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>
/// The chunk engine of one data folder. Every operation names one replica file (chunk, epoch; P3).
/// <para>
/// Invariants. Acknowledged means synced, names included (P4, P7, I4). Files found at start never take appends (P2). A file's bytes below its length
/// are contiguous valid records, unless the medium has lost them, which a reader's check, a scrub or a close finds. After a failed write or sync
/// nothing is written any more, closes answer Damaged, and a marker keeps it so over a restart (P9). Only <see cref="TruncateAsync"/> shortens a file
/// (P14, I4).
/// </para>
/// </summary>
public sealed class ChunkStore : IAsyncDisposable
{
    private readonly IDisk _disk;
    private readonly ChunkStoreOptions _options;
    private readonly HandleCache _handles;
    private readonly StoreHealth _health;
    private readonly ReplicaTable _files = new();
    private readonly SemaphoreSlim _scans;
    private Task _marking = Task.CompletedTask;

    private ChunkStore(IDisk disk, NodeId node, Guid cluster, ChunkStoreOptions options)
    {
        _disk = disk;
        _options = options;
        _handles = new HandleCache(disk, options.MaxOpenFiles);
        _scans = new SemaphoreSlim(options.MaxScans);
        _health = new StoreHealth(options.ReserveBytes, options.CompactionReserveBytes, state => StateChanged?.Invoke(state));
        NodeId = node;
        ClusterId = cluster;
    }

    /// <summary>Called after every change of <see cref="State"/>, from the thread that met it; it must not block.</summary>
    public event Action<StoreState>? StateChanged;

    /// <summary>Made once in an empty folder and kept there (P1).</summary>
    public NodeId NodeId { get; }

    public Guid ClusterId { get; }

    public StoreState State => _health.State;

    /// <summary>Why the store is read-only or full, for an operator; null when ready.</summary>
    public string? StateReason => _health.Reason;

    /// <summary>Size of the disk in bytes, as last measured.</summary>
    public long TotalBytes => _health.Space.Total;

    /// <summary>Free bytes, as last measured, less what was written since.</summary>
    public long FreeBytes => _health.Space.Free;

    /// <summary>
    /// Locks the folder, reads or makes its identity, lists its files. Takes time by the number of files, not their bytes. The store owns the disk
    /// from here on, and disposes it also when opening fails.
    /// </summary>
    /// <exception cref="DataFolderException">Locked, of another cluster, of a newer format, or unreadable.</exception>
    public static async ValueTask<ChunkStore> OpenAsync(IDisk disk, Guid clusterId, ChunkStoreOptions? options = null)
    {
        try
        {
            var locked = await disk.LockAsync();
            if (locked == DiskError.Locked) throw new DataFolderException($"Data folder {disk.Description} is in use by another process.");
            if (locked != DiskError.None)
                throw new DataFolderException($"Data folder {disk.Description} cannot be locked: the disk answers {locked}.");
            var node = await DataFolder.LoadOrMakeIdentityAsync(disk, clusterId);
            var store = new ChunkStore(disk, node, clusterId, options ?? new ChunkStoreOptions());
            await store.LoadAsync();
            return store;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the replica file, durable in its folder (P4). Repeating it is <see cref="StoreStatus.Done"/> while the file takes
    /// appends.</summary>
    /// <param name="forCompaction">It and its appends may use the room kept for compaction (I19).</param>
    public async ValueTask<StoreStatus> CreateAsync(ReplicaFile file, bool forCompaction = false)
    {
        if (!_files.TryReserve(file, out var slot, out var mine)) return StoreStatus.Closed; // P10
        if (!mine) await slot.Gate.WaitAsync();
        try
        {
            if (!mine) return slot.Appender is { IsOpen: true } ? StoreStatus.Done : StoreStatus.Closed; // P2
            await RefreshSpaceAsync();
            var status = _health.Admit(RecordLayout.ChunkHeaderSize, forCompaction);
            slot.ForCompaction = forCompaction;
            return status == StoreStatus.Done ? await MakeAsync(slot) : status;
        }
        finally
        {
            if (slot.Phase == SlotPhase.Making) _files.Remove(slot);
            slot.Gate.Release();
        }
    }

    /// <summary>
    /// Appends one placed record (<see cref="Format.Place"/>) whose pages the caller has verified; completes when it is durable (P6, P7). The
    /// memory stays the store's until then: a caller that gives up earlier must not reuse it.
    /// </summary>
    public ValueTask<AppendOutcome> AppendAsync(ReplicaFile file, long offset, ReadOnlyMemory<byte> record)
    {
        if (_files.Find(file) is not { } slot) return new(new AppendOutcome(StoreStatus.Absent, 0));
        if (slot.Appender is not { } appender) return new(new AppendOutcome(StoreStatus.Closed, slot.Length)); // P2
        var admitted = _health.Admit(record.Length, slot.ForCompaction);
        return admitted == StoreStatus.Done ? appender.AppendAsync(offset, record) : new(new AppendOutcome(admitted, slot.Length));
    }

    /// <summary>Closes for appends for ever and answers the durable length (P10). Absent: a tombstone refuses a later create.</summary>
    public async ValueTask<CloseOutcome> CloseAsync(ReplicaFile file)
    {
        if (await _files.EnterOrBuryAsync(file) is not { } slot)
            return new(State == StoreState.FsyncFailed ? StoreStatus.Damaged : StoreStatus.Absent, 0);
        try
        {
            var status = slot.Appender is { } appender ? await CloseAppenderAsync(slot, appender) : await ProveAsync(slot);
            // P9: asked last, as the sync of this very close may be what failed.
            if (State == StoreState.FsyncFailed) status = StoreStatus.Damaged;
            return new(status, status == StoreStatus.Done ? slot.Length : 0);
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <summary>Reads exactly <paramref name="destination"/>.Length bytes from a physical offset, inside the durable length. Pages are not verified:
    /// the reader does (P22).</summary>
    public async ValueTask<ReadOutcome> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination)
    {
        if (_files.Find(file) is not { } slot) return new(StoreStatus.Absent, 0);
        if (offset < 0 || offset > slot.Length - destination.Length) return new(StoreStatus.Invalid, 0);
        var opened = await _handles.AcquireAsync(slot.Name);
        if (opened.Error != DiskError.None) return new(_files.Find(file) is null ? StoreStatus.Absent : StoreStatus.IoError, 0);
        using var handle = opened.Value;
        var read = await handle.File.ReadAsync(offset, destination);
        if (read.Error != DiskError.None) return new(StoreStatus.IoError, 0);
        return read.Value == destination.Length ? new(StoreStatus.Done, read.Value) : new(StoreStatus.Damaged, 0);
    }

    /// <summary>Cuts a closed file to the sealed length (P14), durably. Shorter already: <see cref="StoreStatus.Damaged"/>.</summary>
    public async ValueTask<StoreStatus> TruncateAsync(ReplicaFile file, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (_files.Find(file) is not { } slot) return StoreStatus.Absent;
        await slot.Gate.WaitAsync();
        try
        {
            if (!slot.IsVisible) return StoreStatus.Absent;
            if (State == StoreState.FsyncFailed) return StoreStatus.ReadOnly;
            if (slot.Appender is { IsOpen: true }) return StoreStatus.Invalid;
            if (slot.Appender is { } appender) await CloseAppenderAsync(slot, appender);
            if (length > slot.Length) return StoreStatus.Damaged;
            slot.Length = length; // before the bytes go, so that a read finds them all or is refused
            var opened = await _disk.OpenAsync(slot.Name, DiskOpen.ReadWrite);
            if (opened.Error != DiskError.None) return StoreStatus.IoError;
            using var handle = opened.Value;
            var error = await handle.SetLengthAsync(length);
            if (error == DiskError.None) error = await handle.SyncAsync();
            if (error != DiskError.None) return Fail($"cutting {slot.Name}: {error}");
            await RefreshSpaceAsync();
            return StoreStatus.Done;
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <summary>Deletes the file, durably. Absent is done; a create that comes later is refused.</summary>
    public async ValueTask<StoreStatus> DeleteAsync(ReplicaFile file)
    {
        if (State == StoreState.FsyncFailed) return StoreStatus.ReadOnly; // I19
        if (await _files.EnterOrBuryAsync(file) is not { } slot) return StoreStatus.Done;
        try
        {
            if (slot.Appender is { } appender) await appender.CloseAsync();
            var error = await _disk.DeleteAsync(slot.Name);
            if (error is not (DiskError.None or DiskError.NotFound)) return StoreStatus.IoError;
            // The create of a file of this incarnation may be repeated yet; of older ones P2 refuses it.
            _files.Remove(slot, bury: slot.Appender is not null);
            if (slot.Appender is { } closed) Retire(slot, closed, SlotPhase.Removed);
            _handles.Forget(slot.Name);
            error = await _disk.SyncFolderAsync(DataFolder.Subfolder(file));
            if (error != DiskError.None) return Fail($"syncing the folder of {slot.Name}: {error}");
            await RefreshSpaceAsync();
            return StoreStatus.Done;
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <summary>
    /// Repair (P27): writes a replica file from <paramref name="pieces"/> (its bytes from 0 on, chunk header first, in pieces of any size, each valid
    /// until the next is asked for), makes it durable, reads it back past the page cache and verifies every page. Anything but done leaves no file.
    /// </summary>
    public async ValueTask<VerifyOutcome> ImportAsync(
        ReplicaFile file, long length, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, RecordLayout.ChunkHeaderSize);
        if (!_files.TryReserve(file, out var slot, out var mine) || !mine) return new(StoreStatus.Closed, 0);
        try
        {
            await RefreshSpaceAsync();
            var status = _health.Admit(length);
            if (status != StoreStatus.Done) return new(status, 0);
            var import = await ChunkImport.RunAsync(_disk, ClusterId, slot, length, pieces, cancellation);
            if (import.Lost is { } lost) return new(Fail(lost), import.Outcome.ValidLength);
            if (import.Outcome.Status == StoreStatus.Full) _health.NoSpace();
            if (import.Outcome.Status != StoreStatus.Done) return import.Outcome;
            slot.Synced = true;
            slot.Length = length;
            slot.Phase = SlotPhase.Proven;
            return import.Outcome;
        }
        finally
        {
            if (slot.Phase == SlotPhase.Making) _files.Remove(slot);
            slot.Gate.Release();
        }
    }

    /// <summary>Re-reads everything up to <paramref name="length"/> past the page cache and verifies every header and page (P13, scrub).</summary>
    public ValueTask<VerifyOutcome> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellation = default) =>
        VerifyAsync(file, length, null, cancellation);

    /// <inheritdoc cref="VerifyAsync(ReplicaFile, long, CancellationToken)"/>
    /// <param name="pace">Waited for before each read, with its bytes: a scrub is in no hurry.</param>
    public async ValueTask<VerifyOutcome> VerifyAsync(
        ReplicaFile file, long length, Func<int, CancellationToken, ValueTask>? pace, CancellationToken cancellation)
    {
        if (_files.Find(file) is not { } slot) return new(StoreStatus.Absent, 0);
        if (slot.Phase == SlotPhase.Found)
        {
            // What was never synced may still be in memory only, and a proof of it would be worth nothing (P13).
            await slot.Gate.WaitAsync(cancellation);
            try
            {
                if (!slot.IsVisible) return new(StoreStatus.Absent, 0);
                if (await SyncFoundAsync(slot) is var synced and not StoreStatus.Done) return new(synced, 0);
            }
            finally
            {
                slot.Gate.Release();
            }
        }
        var opened = await _handles.AcquireAsync(slot.Name);
        if (opened.Error != DiskError.None) return new(_files.Find(file) is null ? StoreStatus.Absent : StoreStatus.IoError, 0);
        using var handle = opened.Value;
        var scan = await ScanAsync(slot, handle.File, Math.Min(length, slot.Length), pace, cancellation);
        if (scan.Error != DiskError.None) return new(StoreStatus.IoError, scan.Value);
        return new(scan.Value == length ? StoreStatus.Done : StoreStatus.Damaged, scan.Value);
    }

    /// <summary>All replica files of this disk (P28).</summary>
    public IReadOnlyList<ReplicaEntry> Inventory() =>
        [.. _files.Visible().Select(s => new ReplicaEntry(s.File, s.Length, s.Appender is { IsOpen: true }))];

    /// <summary>Measures the free space anew; also ends <see cref="StoreState.Full"/> when there is room again. For the heartbeat.</summary>
    public async ValueTask RefreshSpaceAsync()
    {
        var space = await _disk.SpaceAsync();
        if (space.Error == DiskError.None) _health.Measured(space.Value);
    }

    /// <summary>The operator's word that the disk is well (P9): removes the marker and takes changes again. Files closed by the failure stay
    /// closed.</summary>
    public async ValueTask<StoreStatus> LiftFsyncMarkAsync()
    {
        await _marking;
        var error = await _disk.DeleteAsync(DataFolder.Marker);
        if (error is DiskError.None or DiskError.NotFound) error = await _disk.SyncFolderAsync("");
        if (error != DiskError.None) return StoreStatus.IoError;
        _health.Lift();
        await RefreshSpaceAsync();
        return StoreStatus.Done;
    }

    /// <summary>Waits for what is under way, then closes the files and the disk. Closes no chunk: the next start does (P2).</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var appender in _files.Visible().Select(s => s.Appender).OfType<ChunkAppender>()) await appender.CloseAsync();
        await _marking;
        _handles.Dispose();
        await _disk.DisposeAsync();
    }

    private async ValueTask LoadAsync()
    {
        if (await DataFolder.ReadMarkerAsync(_disk) is { } marker) _health.Fail(marker);
        await foreach (var (file, length) in DataFolder.ListChunksAsync(_disk, deleteLeftovers: State != StoreState.FsyncFailed))
            _files.AddFound(file, length);
        await RefreshSpaceAsync();
    }

    /// <summary>Step by step as P4 has it: file, header, fsync of the file, fsync of its folder; only then is it there.</summary>
    private async ValueTask<StoreStatus> MakeAsync(ReplicaSlot slot)
    {
        var opened = await _handles.AcquireAsync(slot.Name, DiskOpen.CreateNew);
        if (opened.Error == DiskError.Full) _health.NoSpace();
        if (opened.Error != DiskError.None) return opened.Error == DiskError.Full ? StoreStatus.Full : StoreStatus.IoError;
        var handle = opened.Value;
        var header = new byte[RecordLayout.ChunkHeaderSize];
        Format.WriteChunkHeader(header, ClusterId, slot.File.Chunk);
        var error = await handle.File.WriteAsync(0, [header]);
        if (error == DiskError.None)
        {
            error = await handle.File.SyncAsync();
            if (error == DiskError.None) error = await _disk.SyncFolderAsync(DataFolder.Subfolder(slot.File));
            if (error != DiskError.None) error = DiskError.Failed;
        }
        if (error == DiskError.None)
        {
            slot.Appender = new ChunkAppender(
                slot.File.Chunk,
                slot.Name,
                _handles,
                handle,
                _options.MaxGroupBytes,
                mayWrite: () => State != StoreState.FsyncFailed,
                onFailure: e => AppendFailed(slot, e));
            slot.Phase = SlotPhase.Created;
            return StoreStatus.Done;
        }
        handle.Dispose();
        _handles.Forget(slot.Name);
        if (error != DiskError.Full) return Fail($"creating {slot.Name}: {error}");
        _health.NoSpace();
        await _disk.DeleteAsync(slot.Name); // should it stay, the next start finds a file without a valid header, which a close answers as 0 long
        return StoreStatus.Full;
    }

    private async ValueTask<StoreStatus> CloseAppenderAsync(ReplicaSlot slot, ChunkAppender appender)
    {
        await appender.CloseAsync();
        // P10 wants an fsync whatever happened before; after a failed one it would prove nothing (P9).
        var failed = State == StoreState.FsyncFailed;
        if (!failed && await appender.File.SyncAsync() is var error and not DiskError.None)
        {
            failed = true;
            Fail($"syncing {slot.Name} at its close: {error}");
        }
        slot.Synced = !failed;
        // Not scanned: every byte below the durable length was written by this process and its sync returned well. What the medium does to it later
        // is the scrub's.
        Retire(slot, appender, failed ? SlotPhase.Found : SlotPhase.Proven);
        return failed ? StoreStatus.Damaged : StoreStatus.Done;
    }

    /// <summary>The close of a file found at start: sync, then the valid prefix as the medium has it.</summary>
    private async ValueTask<StoreStatus> ProveAsync(ReplicaSlot slot)
    {
        if (slot.Phase == SlotPhase.Proven) return StoreStatus.Done;
        if (await SyncFoundAsync(slot) is var synced and not StoreStatus.Done) return synced;
        var opened = await _handles.AcquireAsync(slot.Name);
        if (opened.Error != DiskError.None) return StoreStatus.IoError;
        using var handle = opened.Value;
        var scan = await ScanAsync(slot, handle.File, slot.Length, null, CancellationToken.None);
        if (scan.Error != DiskError.None) return StoreStatus.IoError;
        slot.Length = scan.Value;
        slot.Phase = SlotPhase.Proven;
        return StoreStatus.Done;
    }

    /// <summary>
    /// The valid prefix up to <paramref name="limit"/> as the medium has it: pages that a failed write-back has lost may still stand in the cache,
    /// called clean. A few at a time, as each holds a window of memory: after a restart many closes come at once.
    /// </summary>
    private async ValueTask<DiskResult<long>> ScanAsync(
        ReplicaSlot slot, IDiskFile file, long limit, Func<int, CancellationToken, ValueTask>? pace, CancellationToken cancellation)
    {
        // A paced one holds its turn for minutes, and there is one at a time: it must not stand in the way of closes.
        if (pace is not null)
        {
            await file.DropCacheAsync();
            return await RecordScan.ValidPrefixAsync(file, ClusterId, slot.File.Chunk, limit, pace, cancellation);
        }
        await _scans.WaitAsync(cancellation);
        try
        {
            await file.DropCacheAsync();
            return await RecordScan.ValidPrefixAsync(file, ClusterId, slot.File.Chunk, limit, null, cancellation);
        }
        finally
        {
            _scans.Release();
        }
    }

    /// <summary>Makes durable what an earlier process wrote and may not have synced, once.</summary>
    private async ValueTask<StoreStatus> SyncFoundAsync(ReplicaSlot slot)
    {
        if (slot.Synced) return StoreStatus.Done;
        if (State == StoreState.FsyncFailed) return StoreStatus.Damaged;
        var opened = await _disk.OpenAsync(slot.Name, DiskOpen.ReadWrite);
        if (opened.Error != DiskError.None) return StoreStatus.IoError;
        using var file = opened.Value;
        var error = await file.SyncAsync();
        if (error == DiskError.None) error = await _disk.SyncFolderAsync(DataFolder.Subfolder(slot.File));
        if (error != DiskError.None) return Fail($"syncing {slot.Name}, found at start: {error}");
        slot.Synced = true;
        return StoreStatus.Done;
    }

    private static void Retire(ReplicaSlot slot, ChunkAppender appender, SlotPhase next)
    {
        slot.Length = appender.Durable;
        slot.Phase = next;
        slot.Appender = null;
        appender.ReleaseHandle();
    }

    private void AppendFailed(ReplicaSlot slot, DiskError error)
    {
        if (error == DiskError.Full) _health.NoSpace();
        else Fail($"appending to {slot.Name}: {error}");
    }

    /// <summary>P9: at once in memory, so that no close answers well any more; then the marker, as well as the disk still can.</summary>
    private StoreStatus Fail(string reason)
    {
        if (_health.Fail(reason)) _marking = MarkAsync(reason);
        return StoreStatus.IoError;
    }

    // The outcome is not checked: the mark that counts is the catalog's, and a disk that fails may fail this too (P9).
    private async Task MarkAsync(string reason) =>
        await DataFolder.WriteSmallAsync(_disk, DataFolder.Marker, DataFolder.Marker + ".new", Encoding.UTF8.GetBytes(reason));
}
