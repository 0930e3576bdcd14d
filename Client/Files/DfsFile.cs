namespace OrleansDfs.Client;

/// <summary>An opened file, or a range of it. Disposing it ends the reading.</summary>
public sealed class DfsFile : IAsyncDisposable
{
    private Stream? _content;

    internal DfsFile(DfsFileInfo info, FileReader reader) => (Info, Reader) = (info, reader);

    public DfsFileInfo Info { get; }

    /// <summary>The verified bytes without a copy, 64 KiB at a time.</summary>
    public FileReader Reader { get; }

    /// <summary>The bytes as a stream: forward only, asynchronous only, one reader. Not to be mixed with <see cref="Reader"/>.</summary>
    public Stream Content => _content ??= new FileReaderStream(Reader);

    /// <summary>Writes all of it to <paramref name="destination"/>.</summary>
    /// <param name="progress">Told the bytes written so far.</param>
    public async Task CopyToAsync(Stream destination, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        long written = 0;
        while (await Reader.ReadAsync(cancellation) is { IsEmpty: false } slice)
        {
            await destination.WriteAsync(slice, cancellation);
            progress?.Report(written += slice.Length);
        }
    }

    public ValueTask DisposeAsync() => Reader.DisposeAsync();
}
