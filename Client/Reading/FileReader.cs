using System.IO.Pipelines;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// Reads a range of one version from the storage nodes. No byte is handed out whose page did not match its checksum (P22). A body that cannot be
/// completed ends
/// with an exception, never short. Only the pages that hold the range are fetched, at most <see cref="DfsClientOptions.PrefetchBytes"/> ahead.
/// <para>When all replicas of some bytes have failed, the manifest is asked for again, since compaction or repair may have moved them; then the
/// reader gives up.</para>
/// </summary>
/// <example><code>
/// var opened = await connections.Grains.File(bucket.Id, key).Open(new OpenFile(bucket.Ref, VersionSelector.Current));
/// await using var reader = connections.OpenReader(opened.Version!, opened.Manifest!, 0, opened.Version!.Size);
/// await reader.CopyToAsync(response.BodyWriter, cancellation);
/// </code></example>
public sealed class FileReader : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly DfsConnections _connections;
    private readonly FileVersion _version;
    private readonly ManifestCursor _manifest;
    private readonly long _end;
    private readonly int _turn;
    private readonly Extent _cameExtent;
    private byte[]? _came; // pages of that extent that came with the manifest; null once they proved wrong
    private readonly Queue<VerifiedPages> _ahead = new();
    private long _aheadBytes;
    private long _position; // of the next byte handed out
    private long _toFetch; // of the next byte fetched
    private volatile bool _ownInUse;
    private int _given; // of the oldest fetch
    private int _manifestRetries;
    private TimeSpan? _patience; // for the first buffer: what has begun is not given up

    internal FileReader(DfsConnections connections, FileVersion version, ManifestPage first, long offset, long length, TimeSpan? patience)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, version.Size);
        _connections = connections;
        _patience = patience;
        _version = version;
        _manifest = new ManifestCursor(connections.Grains, version, first);
        if (first is { Pages: { } pages, Extents: [var extent, ..], Offset: 0 }) (_came, _cameExtent) = (pages, extent);
        _position = _toFetch = offset;
        _end = offset + length;
        // One replica for the whole reading, as far as it goes: its disk then reads ahead. Readers spread over the replicas.
        _turn = connections.Random.Next();
    }

    /// <summary>Bytes of the range that <see cref="ReadAsync"/> has not returned yet.</summary>
    public long Remaining => _end - _position;

    /// <summary>The next verified bytes, at most 64 KiB, valid until the next call; empty at the end of the range.</summary>
    /// <exception cref="DfsException"><c>Unavailable</c>: no replica gave these bytes; <c>NoSuchVersion</c>: the version went meanwhile.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation = default)
    {
        if (_ahead.TryPeek(out var given) && _given == given.Take) DropOldest();
        while (_position < _end)
        {
            if (_given == 0) await FetchAheadAsync(cancellation);
            var oldest = _ahead.Peek();
            var status = await oldest.Done.WaitAsync(cancellation);
            if (status == ChunkStatus.Ok)
            {
                _manifestRetries = 0;
                var slice = oldest.Slice(_given);
                _given += slice.Length;
                _position += slice.Length;
                return slice;
            }
            await StartOverAsync(status, cancellation);
        }
        return default;
    }

    /// <summary>Writes the range to <paramref name="destination"/> with its back-pressure. Returns early when its reader has gone
    /// (<c>IsCompleted</c>).</summary>
    public async Task CopyToAsync(PipeWriter destination, CancellationToken cancellation = default)
    {
        while (await ReadAsync(cancellation) is { IsEmpty: false } slice)
        {
            var flushed = await destination.WriteAsync(slice, cancellation);
            if (flushed.IsCompleted) return;
        }
    }

    /// <summary>Writes the range to <paramref name="destination"/>.</summary>
    public async Task CopyToAsync(Stream destination, CancellationToken cancellation = default)
    {
        while (await ReadAsync(cancellation) is { IsEmpty: false } slice) await destination.WriteAsync(slice, cancellation);
    }

    /// <summary>Ends the fetches under way; their buffers go back when nothing writes to them any more.</summary>
    public ValueTask DisposeAsync()
    {
        DropAll();
        return default;
    }

    private async ValueTask FetchAheadAsync(CancellationToken cancellation)
    {
        while (_toFetch < _end && (_ahead.Count == 0 || _aheadBytes < _connections.Options.PrefetchBytes))
        {
            var place = await _manifest.FindAsync(_toFetch, cancellation);
            var inExtent = _toFetch - place.FileOffset;
            var layout = new ExtentLayout(place.Extent);
            var run = layout.Locate(inExtent, Math.Min(place.Extent.Length - inExtent, _end - _toFetch));
            if (TakeCome(place, layout, run) is { } come)
            {
                Enqueue(come);
                continue;
            }
            if (await RentAsync(run.Length, cancellation) is not var (memory, release)) return;
            Enqueue(new PageFetch(_connections, place, run, memory, release, _turn));
        }
    }

    private void Enqueue(VerifiedPages pages)
    {
        _ahead.Enqueue(pages);
        _aheadBytes += pages.Take;
        _toFetch += pages.Take;
    }

    /// <summary>
    /// What came with the manifest, if it holds this run and is right; else the nodes are asked, and a bad replica is reported by who reads it there.
    /// </summary>
    private VerifiedPages? TakeCome(ExtentPlace place, ExtentLayout layout, PageRun run)
    {
        if (_came is not { } pages || place.FileOffset != 0 || place.Extent != _cameExtent) return null;
        var all = layout.Locate(0, place.Extent.Length);
        var at = run.Offset - all.Offset;
        if (at + run.Length <= pages.Length)
        {
            var memory = pages.AsMemory((int)at, run.Length);
            if (Format.VerifyPages(memory.Span, run.Payload, place.Extent.Chunk, run.Offset)) return new VerifiedPages(run, memory);
        }
        _came = null;
        return null;
    }

    /// <summary>Our own buffer, else an extra one, else none, unless without it nothing would go on.</summary>
    private async ValueTask<(Memory<byte> Memory, Action Release)?> RentAsync(int size, CancellationToken cancellation)
    {
        if (!_ownInUse)
        {
            var own = await _connections.Buffers.RentForReaderAsync(size, _patience, cancellation);
            _patience = null;
            _ownInUse = true;
            return (own.Memory, () =>
            {
                own.Dispose();
                _ownInUse = false;
            }
            );
        }
        if (_connections.Buffers.TryRentExtra() is { } extra) return (extra.Memory, extra.Dispose);
        if (_ahead.Count > 0) return null;
        return (new byte[size], static () => { }); // our own is held by a late read that was overtaken
    }

    /// <summary>All replicas of the next bytes failed. Asks where they are now, and fetches from there anew.</summary>
    private async Task StartOverAsync(ChunkStatus status, CancellationToken cancellation)
    {
        DropAll();
        _came = null;
        _toFetch = _position;
        if (_manifestRetries++ == _connections.Options.ManifestRetries)
        {
            throw new DfsException(
                DfsStatus.Unavailable,
                $"No replica gives the bytes from {_position} on of {_version.Key}, version {_version.Version}; the last answer was {status}.");
        }
        await Task.Delay(RetryPause * _manifestRetries, _connections.Time, cancellation);
        await _manifest.ReloadAsync(_position, cancellation);
    }

    private void DropOldest()
    {
        var oldest = _ahead.Dequeue();
        _aheadBytes -= oldest.Take;
        _given = 0;
        oldest.Dispose();
    }

    private void DropAll()
    {
        while (_ahead.Count > 0) DropOldest();
    }
}
