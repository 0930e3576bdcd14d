using System.Runtime.CompilerServices;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>The client over the grains of a cluster.</summary>
internal sealed class DfsClient : IDfsClient
{
    private const int PageSize = 1000;

    private readonly DfsConnections _connections;
    private readonly BucketDirectory _buckets;
    private readonly FileUpload _upload;
    private readonly PartUpload _parts;
    private readonly FileDownload _download;

    public DfsClient(DfsConnections connections)
    {
        _connections = connections;
        _buckets = new BucketDirectory(connections);
        _upload = new FileUpload(connections, _buckets);
        _parts = new PartUpload(connections, _buckets, _upload);
        _download = new FileDownload(connections, _buckets);
    }

    public async Task<DfsBucketInfo> CreateBucketAsync(string bucket, CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        var request = new CreateBucket(_connections.Options.Owner, _connections.Options.Region, false, []);
        var result = await GrainCalls.CommitAsync(() => _connections.Grains.Bucket(name).Create(request), $"Creating bucket '{name}'");
        return result is { Status: DfsStatus.Ok, Bucket: { } made } ? Show(made) : throw Outcome.Failure(result.Status, $"Bucket '{name}'");
    }

    public async Task DeleteBucketAsync(string bucket, CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        var status = await _buckets.CallAsync(
            name,
            b => GrainCalls.CommitAsync(() => _connections.Grains.Bucket(name).Delete(b.Ref), $"Deleting bucket '{name}'"),
            s => s,
            cancellation);
        _buckets.Forget(name);
        Outcome.ThrowUnlessOk(status, $"Bucket '{name}'");
    }

    public async Task<bool> BucketExistsAsync(string bucket, CancellationToken cancellation = default)
    {
        try
        {
            await _buckets.LoadAsync(BucketDirectory.Name(bucket), cancellation);
            return true;
        }
        catch (DfsException e) when (e.Status == DfsStatus.NoSuchBucket)
        {
            return false;
        }
    }

    public async IAsyncEnumerable<DfsBucketInfo> ListBucketsAsync(
        string prefix = "", [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var after = ""; ;)
        {
            var from = after;
            var page = await _connections.Grains.ReadAsync(
                () => _connections.Grains.Listing().Buckets(null, prefix, from, PageSize, cancellation), cancellation);
            Outcome.ThrowUnlessOk(page.Status, "The list of buckets");
            foreach (var bucket in page.Buckets) yield return Show(bucket);
            if (!page.More) yield break;
            after = page.Buckets[^1].Name.Value;
        }
    }

    public async Task<DfsFile> OpenReadAsync(string bucket, string key, ReadOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ReadOptions();
        var name = BucketDirectory.Name(bucket);
        var opened = await _download.OpenAsync(name, BucketDirectory.Key(key), options.Version, cancellation, RecordLayout.PageSize);
        FileDownload.RequireReadable(opened.Version);
        var (offset, length) = FileDownload.RangeOf(options, opened.Version.Size);
        return new DfsFile(DfsFileInfo.Of(name, opened.Version), _connections.OpenReader(opened.Version, opened.Manifest, offset, length));
    }

    public async Task<DfsFileInfo> StatAsync(string bucket, string key, VersionId? version = null, CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        return DfsFileInfo.Of(name, (await _download.OpenAsync(name, BucketDirectory.Key(key), version, cancellation)).Version);
    }

    public async Task<DfsFileInfo> WriteAsync(
        string bucket, string key, Stream content, WriteOptions? options = null,
        IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        options ??= new WriteOptions();
        var start = content.CanSeek ? content.Position : 0;
        var size = content.CanSeek ? content.Length - start : options.SizeHint;
        Task FillAsync(FileWriter writer, CancellationToken stop)
        {
            if (content.CanSeek) content.Position = start; // also the second time
            return FileUpload.FromStream(content, progress)(writer, stop);
        }
        var version = await _upload.WriteAsync(name, BucketDirectory.Key(key), FillAsync, content.CanSeek, size, options, cancellation);
        return DfsFileInfo.Of(name, version);
    }

    public async Task<DfsFileInfo> UploadAsync(
        string bucket, string key, string path, WriteOptions? options = null,
        IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        options ??= new WriteOptions();
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        if (file.Length <= _connections.Options.PartSize) return await WriteAsync(bucket, key, file, options, progress, cancellation);
        var version = await _parts.WriteAsync(name, BucketDirectory.Key(key), file.SafeFileHandle, file.Length, options, progress, cancellation);
        return DfsFileInfo.Of(name, version);
    }

    public async Task<DfsFileInfo> DownloadAsync(
        string bucket, string key, string path, ReadOptions? options = null,
        IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        options ??= new ReadOptions();
        var version = await _download.ToFileAsync(name, BucketDirectory.Key(key), path, options, progress, cancellation);
        return DfsFileInfo.Of(name, version);
    }

    public async IAsyncEnumerable<DfsListEntry> ListAsync(
        string bucket, ListOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        options ??= new ListOptions();
        for (string? after = options.After; after is not null;)
        {
            var from = after;
            var result = await _buckets.CallAsync(
                name,
                b => _connections.Grains.ReadAsync(
                    () => _connections.Grains.Listing()
                        .Files(new ListFilesRequest(b.Ref, options.Prefix, options.Delimiter, from, PageSize), cancellation),
                    cancellation),
                r => r.Status,
                cancellation);
            if (result is not { Status: DfsStatus.Ok, Page: { } page }) throw Outcome.Failure(result.Status, $"The list of bucket '{name}'");
            foreach (var entry in Merge(page)) yield return entry;
            after = page.Next;
        }
    }

    public async Task DeleteAsync(string bucket, string key, VersionId? version = null, CancellationToken cancellation = default)
    {
        var name = BucketDirectory.Name(bucket);
        var file = BucketDirectory.Key(key);
        var selector = version is null ? VersionSelector.Current : new VersionSelector(version, false);
        var result = await _buckets.CallAsync(
            name,
            b => _connections.Grains.DeleteAsync(b.Id, file, new DeleteFile(b.Ref, AttemptId.New(), selector, null), cancellation),
            r => r.Status,
            cancellation);
        if (result.Status is not (DfsStatus.NoSuchKey or DfsStatus.NoSuchVersion))
            Outcome.ThrowUnlessOk(result.Status, $"File '{file}' in bucket '{name}'");
    }

    public async Task<DfsFileInfo> CopyAsync(
        string sourceBucket, string sourceKey, string bucket, string key, CopyOptions? options = null, CancellationToken cancellation = default)
    {
        var (sourceName, source) = (BucketDirectory.Name(sourceBucket), BucketDirectory.Key(sourceKey));
        var (name, target) = (BucketDirectory.Name(bucket), BucketDirectory.Key(key));
        options ??= new CopyOptions();
        var precondition = options.OnlyIfAbsent ? new WritePrecondition(null, "*") : WritePrecondition.None;
        var opened = await _download.OpenAsync(sourceName, source, options.SourceVersion, cancellation);
        var result = await _buckets.CallAsync(
            name,
            async b =>
            {
                // Either bucket may be the one that changed.
                var from = sourceName == name ? b : await _buckets.LoadAsync(sourceName, cancellation);
                var request = new CopyFile(b.Ref, AttemptId.New(), from.Ref, source, opened.Version.Version, null, null, precondition);
                return await _connections.Grains.CopyAsync(b.Id, target, request);
            },
            r => r.Status,
            cancellation);
        return result is { Status: DfsStatus.Ok, Version: { } version }
            ? DfsFileInfo.Of(name, version)
            : throw Outcome.Failure(result.Status, $"Copying '{source}' to '{target}'");
    }

    public Task<ClusterStatus> StatusAsync(CancellationToken cancellation = default) =>
        _connections.Grains.ReadAsync(() => _connections.Grains.Cluster().Status(cancellation), cancellation);

    private static DfsBucketInfo Show(BucketInfo bucket) => new(bucket.Name.Value, bucket.Owner, bucket.Created, bucket.Versioning);

    /// <summary>Files and common prefixes in one order, that of their UTF-8 bytes.</summary>
    private static IEnumerable<DfsListEntry> Merge(FilePage page) => page.Files
        .Select(f => new DfsListEntry(f.Key.Value, false, f.Size, f.ETag, f.LastModified))
        .Concat(page.CommonPrefixes.Select(p => new DfsListEntry(p, true, 0, "", default)))
        .OrderBy(e => e.Key, Utf8Order.Instance);
}
