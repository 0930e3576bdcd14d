namespace OrleansDfs.Client;

/// <summary>An opened file, or a range of it. Disposing it ends the reading.</summary>
public sealed class DfsFile : IAsyncDisposable
{
    internal DfsFile(DfsFileInfo info, FileReader reader) => (Info, Reader) = (info, reader);

    public DfsFileInfo Info { get; }

    /// <summary>The verified bytes without a copy, 64 KiB at a time.</summary>
    public FileReader Reader { get; }

    /// <summary>The bytes as a stream: forward only, one reader.</summary>
    public Stream Content => throw new NotImplementedException();

    /// <summary>Writes all of it to <paramref name="destination"/>.</summary>
    /// <param name="progress">Told the bytes written so far.</param>
    public Task CopyToAsync(Stream destination, IProgress<long>? progress = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => Reader.DisposeAsync();
}
