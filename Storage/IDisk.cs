namespace OrleansDfs.Storage;

/// <summary>What the disk answered. Errors of a disk are expected, so they are values.</summary>
public enum DiskError
{
    None,
    NotFound,
    Exists,

    /// <summary>No space or quota. From a write only: a sync that finds no space has lost data and is <see cref="Failed"/>.</summary>
    Full,

    /// <summary>Another process holds the lock.</summary>
    Locked,

    /// <summary>Anything else: EIO, EROFS, EACCES, too many open files.</summary>
    Failed,
}

/// <summary>A value or an error.</summary>
public readonly record struct DiskResult<T>(DiskError Error, T Value);

/// <summary>An entry of a folder; <paramref name="Length"/> is 0 for folders.</summary>
public readonly record struct DiskEntry(string Name, bool IsFolder, long Length);

/// <summary>Size and free bytes of the file system.</summary>
public readonly record struct DiskSpace(long Total, long Free);

public enum DiskOpen
{
    /// <summary>For reading; it must exist.</summary>
    Read,

    /// <summary>For reading and writing; it must exist.</summary>
    ReadWrite,

    /// <summary>For reading and writing; it must not exist.</summary>
    CreateNew,
}

/// <summary>
/// The seam below the engine: one folder tree. Implemented by <see cref="FileSystemDisk"/> and by the tests' faulty disk. Names are relative, with
/// '/'. Nothing is durable before its sync: a file's bytes and length by <see cref="IDiskFile.SyncAsync"/>, names by <see cref="SyncFolderAsync"/> of
/// their folder.
/// </summary>
public interface IDisk : IAsyncDisposable
{
    /// <summary>For messages to an operator.</summary>
    string Description { get; }

    /// <summary>Takes the exclusive lock of the folder until the disk is disposed; another process, or another disk of this process, gets <see
    /// cref="DiskError.Locked"/>.</summary>
    ValueTask<DiskError> LockAsync();

    ValueTask<DiskResult<IDiskFile>> OpenAsync(string name, DiskOpen mode);

    /// <summary>Makes a folder; <see cref="DiskError.None"/> when it exists.</summary>
    ValueTask<DiskError> CreateFolderAsync(string name);

    /// <summary>fsync of a folder: what was created, renamed and deleted in it is durable after. "" is the root.</summary>
    ValueTask<DiskError> SyncFolderAsync(string name);

    /// <summary>Renames a file, replacing what is there.</summary>
    ValueTask<DiskError> RenameAsync(string from, string to);

    /// <summary>Deletes a file; <see cref="DiskError.None"/> when it is not there.</summary>
    ValueTask<DiskError> DeleteAsync(string name);

    ValueTask<DiskResult<IReadOnlyList<DiskEntry>>> ListAsync(string folder);

    ValueTask<DiskResult<DiskSpace>> SpaceAsync();
}

/// <summary>An open file. Reads may run beside anything; writes and syncs of one file do not overlap. Dispose closes it after the calls under
/// way.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Reads until <paramref name="buffer"/> is full or the file ends; the value is the number of bytes read.</summary>
    ValueTask<DiskResult<int>> ReadAsync(long offset, Memory<byte> buffer);

    /// <summary>Writes the buffers one behind the other. On an error any part of them may have been written.</summary>
    ValueTask<DiskError> WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers);

    /// <summary><see cref="WriteAsync"/>, then a sync of the bytes and the length they need (fdatasync).</summary>
    ValueTask<DiskError> WriteAndSyncAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers);

    /// <summary>fsync. After an error the disk may have dropped the bytes: it is never called again for the same bytes (P9).</summary>
    ValueTask<DiskError> SyncAsync();

    ValueTask<DiskError> SetLengthAsync(long length);

    /// <summary>Asks the system to forget the clean cached pages, so that the next read comes from the medium. Advice only.</summary>
    ValueTask DropCacheAsync();
}
