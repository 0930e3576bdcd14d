using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>An opened version with what a reader needs.</summary>
internal readonly record struct OpenedFile(FileVersion Version, ManifestPage Manifest);

/// <summary>Opening and downloading. A local file appears under its name only when it is whole.</summary>
internal sealed class FileDownload(DfsConnections connections, BucketDirectory buckets)
{
    /// <summary>Bytes that one lane of a parallel download reads before it takes the next range (32 MiB).</summary>
    private const long LaneBytes = 32L * 1024 * 1024;

    /// <param name="pagesUpTo">See <see cref="OpenFile"/>.</param>
    public async Task<OpenedFile> OpenAsync(
        BucketName bucket, ObjectKey key, VersionId? version, CancellationToken cancellation, int pagesUpTo = 0)
    {
        var selector = version is null ? VersionSelector.Current : new VersionSelector(version, false);
        var result = await buckets.CallAsync(
            bucket,
            b => connections.Grains.ReadAsync(
                () => connections.Grains.File(b.Id, key).Open(new OpenFile(b.Ref, selector, PagesUpTo: pagesUpTo), cancellation), cancellation),
            r => r.Status,
            cancellation);
        return result is { Status: DfsStatus.Ok, Version: { } found, Manifest: { } manifest }
            ? new OpenedFile(found, manifest)
            : throw Outcome.Failure(result.Status, $"File '{key}' in bucket '{bucket}'");
    }

    /// <summary>The keys of encrypted files are for S3 requests: here they would come out sealed.</summary>
    /// <exception cref="DfsException"><c>InvalidRequest</c>.</exception>
    public static void RequireReadable(FileVersion version)
    {
        if (version.Properties.Encryption is not null)
            throw new DfsException(DfsStatus.InvalidRequest,
                $"File '{version.Key}' is encrypted (server-side encryption); read it through the S3 gateway.");
    }

    /// <summary>The range that the options mean in a file of this size.</summary>
    public static (long Offset, long Length) RangeOf(ReadOptions options, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Offset, "options.Offset");
        if (options.Length is { } length) ArgumentOutOfRangeException.ThrowIfNegative(length, "options.Length");
        if (options.Offset > size)
            throw new DfsException(DfsStatus.InvalidRequest, $"The range begins at {options.Offset}, behind the file's end at {size}.");
        return (options.Offset, Math.Min(options.Length ?? long.MaxValue, size - options.Offset));
    }

    public async Task<FileVersion> ToFileAsync(
        BucketName bucket, ObjectKey key, string path, ReadOptions options, IProgress<long>? progress, CancellationToken cancellation)
    {
        var opened = await OpenAsync(bucket, key, options.Version, cancellation);
        RequireReadable(opened.Version);
        var (offset, length) = RangeOf(options, opened.Version.Size);
        var unfinished = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var target = File.OpenHandle(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
            {
                var sum = new SumProgress(progress);
                await Lanes.RunAsync((int)((length + LaneBytes - 1) / LaneBytes), connections.Options.ParallelParts, LaneAsync, cancellation);

                async Task LaneAsync(int lane, CancellationToken stop)
                {
                    var done = lane * LaneBytes;
                    var count = Math.Min(LaneBytes, length - done);
                    await using var reader = connections.OpenReader(opened.Version, opened.Manifest, offset + done, count);
                    while (await reader.ReadAsync(stop) is { IsEmpty: false } slice)
                    {
                        await RandomAccess.WriteAsync(target, slice, done, stop);
                        done += slice.Length;
                        sum.Add(slice.Length);
                    }
                }
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
        return opened.Version;
    }
}
