using System.Buffers;
using System.IO.Pipelines;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// Reads a range of one version from the storage nodes. No byte is handed out whose page did not match its checksum (P22). A body that cannot be completed ends
/// with an exception, never short.
/// </summary>
/// <example><code>
/// var opened = await connections.Grains.File(bucket.Id, key).Open(new OpenFile(bucket.Ref, VersionSelector.Current));
/// await using var reader = connections.OpenReader(opened.Version!, opened.Manifest!, 0, opened.Version!.Size);
/// await reader.CopyToAsync(response.BodyWriter, cancellation);
/// </code></example>
public sealed class FileReader : IAsyncDisposable
{
    internal FileReader(DfsConnections connections, FileVersion version, ManifestPage first, long offset, long length)
    {
    }

    /// <summary>Bytes of the range that <see cref="ReadAsync"/> has not returned yet.</summary>
    public long Remaining => throw new NotImplementedException();

    /// <summary>The next verified bytes, at most 64 KiB, valid until the next call; empty at the end of the range.</summary>
    /// <exception cref="DfsException"><c>Unavailable</c>: no replica gave these bytes; <c>NoSuchVersion</c>: the version went meanwhile.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Writes the range to <paramref name="destination"/> with its back-pressure. Returns early when its reader has gone (<c>IsCompleted</c>).</summary>
    public Task CopyToAsync(PipeWriter destination, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Writes the range to <paramref name="destination"/>.</summary>
    public Task CopyToAsync(Stream destination, CancellationToken cancellation = default) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
