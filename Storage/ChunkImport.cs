using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>
/// P27's copy on the receiving disk: write under a temporary name → fsync → forget the cached pages → read back and verify every page → rename →
/// fsync the folder. So a file that has its real name is whole and was read from the medium, and a crash leaves a temporary that the next start
/// deletes.
/// </summary>
internal static class ChunkImport
{
    /// <param name="Lost">What failed to become durable; the store goes read-only (P9).</param>
    internal readonly record struct Result(VerifyOutcome Outcome, string? Lost = null);

    public static async ValueTask<Result> RunAsync(
        IDisk disk, Guid cluster, ReplicaSlot slot, long length, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellation)
    {
        var temporary = slot.Name + DataFolder.ImportSuffix;
        var renamed = false;
        var opened = await disk.OpenAsync(temporary, DiskOpen.CreateNew);
        if (opened.Error != DiskError.None) return new(new(Status(opened.Error), 0));
        try
        {
            using (var file = opened.Value)
            {
                var (status, written) = await WriteAsync(file, length, pieces, cancellation);
                if (status == StoreStatus.IoError) return new(new(status, 0), $"writing {temporary}");
                if (status != StoreStatus.Done) return new(new(status, 0));
                if (written != length) return new(new(StoreStatus.Damaged, 0));
                if (await file.SyncAsync() != DiskError.None) return new(new(StoreStatus.IoError, 0), $"syncing {temporary}");
                await file.DropCacheAsync();
                var scan = await RecordScan.ValidPrefixAsync(file, cluster, slot.File.Chunk, length, null, cancellation);
                if (scan.Error != DiskError.None) return new(new(StoreStatus.IoError, scan.Value));
                if (scan.Value != length) return new(new(StoreStatus.Damaged, scan.Value));
            }
            var error = await disk.RenameAsync(temporary, slot.Name);
            if (error != DiskError.None) return new(new(Status(error), 0));
            renamed = true;
            error = await disk.SyncFolderAsync(DataFolder.Subfolder(slot.File));
            if (error != DiskError.None) return new(new(StoreStatus.IoError, 0), $"syncing the folder of {slot.Name}");
            return new(new(StoreStatus.Done, length));
        }
        finally
        {
            // Not checked: a temporary that stays is deleted at the next start.
            if (!renamed) await disk.DeleteAsync(temporary);
        }
    }

    private static async ValueTask<(StoreStatus Status, long Written)> WriteAsync(
        IDiskFile file, long length, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellation)
    {
        long written = 0;
        await foreach (var piece in pieces.WithCancellation(cancellation))
        {
            if (written + piece.Length > length) return (StoreStatus.Damaged, written);
            var error = await file.WriteAsync(written, [piece]);
            if (error != DiskError.None) return (Status(error), written);
            written += piece.Length;
        }
        return (StoreStatus.Done, written);
    }

    private static StoreStatus Status(DiskError error) => error == DiskError.Full ? StoreStatus.Full : StoreStatus.IoError;
}
