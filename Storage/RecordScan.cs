using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>
/// Finds the valid prefix of a chunk file: the end of the last record before the first byte that does not check (P10). What lies behind it is void
/// even where it checks again, because the pages of a power cut survive out of order: an acknowledged record has only acknowledged ones before it.
/// </summary>
internal static class RecordScan
{
    /// <summary>Holds the largest record; small ones come many to a read.</summary>
    private const int WindowSize = 2 * 1024 * 1024;

    /// <summary>Reads up to <paramref name="limit"/>. The value is 0 when the chunk's own header is not valid. Memory: one pooled window of 2
    /// MiB.</summary>
    public static async ValueTask<DiskResult<long>> ValidPrefixAsync(
        IDiskFile file, Guid cluster, ChunkId chunk, long limit, Func<int, CancellationToken, ValueTask>? pace, CancellationToken cancellation)
    {
        var window = ArrayPool<byte>.Shared.Rent(WindowSize);
        try
        {
            long valid = 0; // physical offset of the first byte not yet proven; it stands at `start` in the window
            int start = 0, end = 0;
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var size = RecordSizeAt(window.AsSpan(start, end - start), cluster, chunk, valid, out var needed);
                if (size > 0)
                {
                    valid += size;
                    start += size;
                    continue;
                }
                var left = limit - valid - (end - start);
                if (needed <= end - start || left <= 0) return new(DiskError.None, valid); // bad or cut short: no more bytes would help
                window.AsSpan(start, end - start).CopyTo(window);
                (start, end) = (0, end - start);
                var wanted = (int)Math.Min(WindowSize - end, left);
                if (pace is not null) await pace(wanted, cancellation);
                var read = await file.ReadAsync(valid + end, window.AsMemory(end, wanted));
                if (read.Error != DiskError.None) return new(read.Error, valid);
                if (read.Value == 0) return new(DiskError.None, valid);
                end += read.Value;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    /// <summary>Size of what stands at the front of <paramref name="bytes"/> if it is whole and valid, else 0 and how many bytes it takes to judge
    /// it.</summary>
    private static int RecordSizeAt(ReadOnlySpan<byte> bytes, Guid cluster, ChunkId chunk, long offset, out int needed)
    {
        if (offset == 0)
        {
            needed = RecordLayout.ChunkHeaderSize;
            return Format.CheckChunkHeader(bytes, cluster, chunk) ? needed : 0;
        }
        if (!Format.TryReadHeader(bytes, chunk, offset, out var header))
        {
            needed = RecordLayout.MaxHeaderSize; // the last header of a file may be shorter; then the file has ended anyway
            return 0;
        }
        needed = header.RecordSize;
        return bytes.Length >= needed && Format.Verify(bytes[..needed], chunk, offset) ? needed : 0;
    }
}
