using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>Puts bytes into a writer: the rest of a stream, a range of a local file.</summary>
internal delegate Task FillWriter(FileWriter writer, CancellationToken cancellation);

/// <summary>One plain write: bytes durable → digests → commit (DESIGN §3).</summary>
internal sealed class FileUpload(DfsConnections connections, BucketDirectory buckets)
{
    /// <param name="canRepeat"><paramref name="fill"/> may be called again, from the beginning.</param>
    public async Task<FileVersion> WriteAsync(
        BucketName bucket, ObjectKey key, FillWriter fill, bool canRepeat, long? size, WriteOptions options, CancellationToken cancellation)
    {
        await buckets.FindAsync(bucket, cancellation); // before a byte is sent
        var result = await WriteOnceAsync(bucket, key, fill, size, options, cancellation);
        // P16: a chunk was sealed below our bytes before the commit. Nothing became visible; they are written anew, once.
        if (result.Status == DfsStatus.BytesLost && canRepeat) result = await WriteOnceAsync(bucket, key, fill, size, options, cancellation);
        if (result is { Status: DfsStatus.Ok, Version: { } version }) return version;
        throw Outcome.Failure(result.Status, $"File '{key}' in bucket '{bucket}'");
    }

    public FileProperties PropertiesOf(WriteOptions options) => new()
    {
        ContentType = options.ContentType,
        Owner = connections.Options.Owner,
        UserMetadata = options.Metadata,
    };

    /// <summary>The rest of a stream, read straight into the records.</summary>
    public static FillWriter FromStream(Stream source, IProgress<long>? progress) => async (writer, cancellation) =>
    {
        while (true)
        {
            var count = await source.ReadAsync(await writer.GetMemoryAsync(cancellation), cancellation);
            if (count == 0) return;
            writer.Advance(count);
            progress?.Report(writer.Length);
        }
    };

    private async Task<CommitResult> WriteOnceAsync(
        BucketName bucket, ObjectKey key, FillWriter fill, long? size, WriteOptions options, CancellationToken cancellation)
    {
        await using var writer = connections.OpenWriter(new RecordOwner(bucket, key), BlobId.New(), Digests.Md5, size);
        await fill(writer, cancellation);
        var written = await writer.CompleteAsync(cancellation);
        var properties = PropertiesOf(options);
        var tags = new Dictionary<string, string>(options.Tags);
        var precondition = new WritePrecondition(options.IfMatch, options.IfNoneMatch);
        return await buckets.CallAsync(
            bucket,
            b => connections.Grains.CommitAsync(
                b.Id, key, new CommitFile(b.Ref, AttemptId.New(), written.Blob, written.Digests.ETag, properties, tags, precondition)),
            r => r.Status,
            cancellation);
    }
}
