using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// OrleansDfs for .NET services: buckets and files without HTTP. Thread-safe; one per process, from <c>AddOrleansDfsClient</c>. Access is by the
/// cluster secret: there are no S3 keys and no policies on this path. Every method throws <see cref="DfsException"/> for what the file system
/// answers, and
/// <see cref="ArgumentException"/> for names that are no bucket or key.
/// </summary>
/// <example><code>
/// var builder = Host.CreateApplicationBuilder(args);
/// builder.AddOrleansDfsClient();
/// using var host = builder.Build();
/// await host.StartAsync();
/// var dfs = host.Services.GetRequiredService&lt;IDfsClient&gt;();
///
/// await dfs.CreateBucketAsync("reports");
/// await using (var source = File.OpenRead("july.pdf"))
///     await dfs.WriteAsync("reports", "2026/july.pdf", source, new WriteOptions { ContentType = "application/pdf" });
///
/// await foreach (var entry in dfs.ListAsync("reports", new ListOptions { Prefix = "2026/" }))
///     Console.WriteLine($"{entry.Key} {entry.Size}");
///
/// await using var file = await dfs.OpenReadAsync("reports", "2026/july.pdf", new ReadOptions { Offset = 1024, Length = 4096 });
/// await file.CopyToAsync(Console.OpenStandardOutput());
/// </code></example>
public interface IDfsClient
{
    /// <summary>Makes a bucket. <c>BucketAlreadyExists</c> if it is there.</summary>
    Task<DfsBucketInfo> CreateBucketAsync(string bucket, CancellationToken cancellation = default);

    /// <summary>Removes an empty bucket: <c>BucketNotEmpty</c>, <c>NoSuchBucket</c>.</summary>
    Task DeleteBucketAsync(string bucket, CancellationToken cancellation = default);

    Task<bool> BucketExistsAsync(string bucket, CancellationToken cancellation = default);

    /// <summary>All buckets by name.</summary>
    IAsyncEnumerable<DfsBucketInfo> ListBucketsAsync(string prefix = "", CancellationToken cancellation = default);

    /// <summary>Opens a file, or a range of it. The version that is current now is read to its end, whatever is written meanwhile.
    /// <c>NoSuchKey</c>, <c>NoSuchVersion</c>, <c>DeleteMarker</c>; <c>InvalidRequest</c> when the range begins behind the end.</summary>
    Task<DfsFile> OpenReadAsync(string bucket, string key, ReadOptions? options = null, CancellationToken cancellation = default);

    /// <summary>What is known of a file without reading it.</summary>
    Task<DfsFileInfo> StatAsync(string bucket, string key, VersionId? version = null, CancellationToken cancellation = default);

    /// <summary>
    /// Writes the rest of <paramref name="content"/> as a new version; it becomes visible at once and whole, when all of it is durable on every
    /// replica.
    /// Memory is bounded, whatever the length. <c>PreconditionFailed</c>, <c>Unavailable</c>, <c>Unknown</c> (see <see cref="DfsException"/>).
    /// </summary>
    /// <param name="progress">Told the bytes taken so far.</param>
    Task<DfsFileInfo> WriteAsync(
        string bucket, string key, Stream content, WriteOptions? options = null,
        IProgress<long>? progress = null, CancellationToken cancellation = default);

    /// <summary>Writes a local file; large ones in parts side by side.</summary>
    Task<DfsFileInfo> UploadAsync(
        string bucket, string key, string path, WriteOptions? options = null,
        IProgress<long>? progress = null, CancellationToken cancellation = default);

    /// <summary>Reads a file into a local one, large ones in ranges side by side. The local file appears whole or not at all.</summary>
    Task<DfsFileInfo> DownloadAsync(
        string bucket, string key, string path, ReadOptions? options = null,
        IProgress<long>? progress = null, CancellationToken cancellation = default);

    /// <summary>Files in order of the UTF-8 bytes of their keys, page by page as they are asked for.</summary>
    IAsyncEnumerable<DfsListEntry> ListAsync(string bucket, ListOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Deletes the current version (in a versioned bucket: hides it behind a delete marker), or the version given for ever. A missing key
    /// is no error.</summary>
    Task DeleteAsync(string bucket, string key, VersionId? version = null, CancellationToken cancellation = default);

    /// <summary>Makes a file that shares another's bytes (PROTOCOL P23); no bytes move.</summary>
    Task<DfsFileInfo> CopyAsync(
        string sourceBucket, string sourceKey, string bucket, string key, CopyOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Nodes, chunks and what repair has left to do.</summary>
    Task<ClusterStatus> StatusAsync(CancellationToken cancellation = default);
}
