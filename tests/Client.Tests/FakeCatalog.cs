using System.Collections.Concurrent;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client.Tests;

/// <summary>Buckets, files and uploads in memory, and the answers that a test wants the next calls to get.</summary>
internal sealed class FakeCatalog(TestCluster cluster)
{
    private long _number;

    public ConcurrentDictionary<string, BucketInfo> Buckets { get; } = new();

    public ConcurrentDictionary<string, (FileVersion Version, List<Extent> Extents)> Files { get; } = new();

    /// <summary>Taken one by one by commits and parts instead of their real outcome.</summary>
    public ConcurrentQueue<DfsStatus> NextCommits { get; } = new();

    public ConcurrentQueue<CommitFile> Commits { get; } = new();

    public int ManifestCalls { get; set; }

    /// <summary>Extents per slice of a manifest.</summary>
    public int SliceLength { get; set; } = 1000;

    /// <summary>Run before a manifest is answered: a repair, say.</summary>
    public Action OnManifest { get; set; } = () => { };

    public long Draw() => Interlocked.Increment(ref _number);

    public bool IsCurrent(BucketRef bucket) => Buckets.Values.Any(b => b.Ref == bucket);

    public FileVersion Put(
        string file, ObjectKey key, long bucket, List<Extent> extents, long size, string etag, FileProperties properties, int parts)
    {
        var version = new FileVersion(
            bucket, key, new VersionId(Draw()), 1, true, true, false, size, etag, DateTimeOffset.UnixEpoch, parts, properties,
            new Dictionary<string, string>());
        Files[file] = (version, extents);
        return version;
    }

    public ManifestPage Slice(List<Extent> extents, long from)
    {
        long offset = 0;
        var first = 0;
        while (first < extents.Count && offset + extents[first].Length <= from) offset += extents[first++].Length;
        var slice = extents.Skip(first).Take(SliceLength).ToList();
        return new ManifestPage(offset, slice, first + slice.Count == extents.Count, cluster.Grains.Allocator.Locate(slice));
    }
}

/// <summary>Passes all on to the file.</summary>
internal sealed class FakeFilesGrain(FakeGrains grains) : IFilesGrain
{
    public Task<OpenFileResult> Open(ObjectKey key, OpenFile request, CancellationToken cancellation = default) =>
        File(request.Bucket, key).Open(request, cancellation);

    public Task<CommitResult> FindAttempt(long bucketId, ObjectKey key, AttemptId attempt, CancellationToken cancellation = default) =>
        Task.FromResult(new CommitResult(DfsStatus.NotFound, null));

    public Task<CommitResult> Commit(ObjectKey key, CommitFile request) => File(request.Bucket, key).Commit(request);

    public Task<DeleteResult> Delete(ObjectKey key, DeleteFile request) => File(request.Bucket, key).Delete(request);

    private IFileGrain File(BucketRef bucket, ObjectKey key) => (IFileGrain)grains.Get(typeof(IFileGrain), $"f/{bucket.Id}/{key}");
}

internal sealed class FakeFileGrain(FakeCatalog catalog, string name) : IFileGrain
{
    private ObjectKey Key => ObjectKey.Parse(name[(name.IndexOf('/', 2) + 1)..]);

    public Task<OpenFileResult> Open(OpenFile request, CancellationToken cancellation = default)
    {
        if (!catalog.IsCurrent(request.Bucket)) return Task.FromResult(new OpenFileResult(DfsStatus.BucketChanged, null, null));
        if (!catalog.Files.TryGetValue(name, out var file)) return Task.FromResult(new OpenFileResult(DfsStatus.NoSuchKey, null, null));
        return Task.FromResult(new OpenFileResult(DfsStatus.Ok, file.Version, catalog.Slice(file.Extents, 0)));
    }

    public Task<ManifestResult> Manifest(ReadManifest request, CancellationToken cancellation = default)
    {
        catalog.ManifestCalls++;
        catalog.OnManifest();
        return Task.FromResult(
            catalog.Files.TryGetValue(name, out var file) && file.Version.Version == request.Version
                ? new ManifestResult(DfsStatus.Ok, catalog.Slice(file.Extents, request.Offset))
                : new ManifestResult(DfsStatus.NoSuchVersion, null));
    }

    public Task<CommitResult> FindAttempt(AttemptId attempt, CancellationToken cancellation = default) =>
        Task.FromResult(new CommitResult(DfsStatus.NotFound, null));

    public Task<CommitResult> Commit(CommitFile request)
    {
        catalog.Commits.Enqueue(request);
        if (catalog.NextCommits.TryDequeue(out var status)) return Task.FromResult(new CommitResult(status, null));
        if (!catalog.IsCurrent(request.Bucket)) return Task.FromResult(new CommitResult(DfsStatus.BucketChanged, null));
        var current = catalog.Files.TryGetValue(name, out var file) ? file.Version.ETag : null;
        if (request.Precondition.Judge(current) != PreconditionOutcome.Holds)
            return Task.FromResult(new CommitResult(DfsStatus.PreconditionFailed, null));
        var version = catalog.Put(name, Key, request.Bucket.Id, [.. request.Blob.Extents], request.Blob.Length, request.ETag, request.Properties, 0);
        return Task.FromResult(new CommitResult(DfsStatus.Ok, version));
    }

    public Task<CommitResult> CopyFrom(CopyFile request)
    {
        if (!catalog.Files.TryGetValue($"f/{request.SourceBucket.Id}/{request.SourceKey}", out var source)
            || source.Version.Version != request.SourceVersion)
            return Task.FromResult(new CommitResult(DfsStatus.NoSuchKey, null));
        var version = catalog.Put(
            name, Key, request.Bucket.Id, source.Extents, source.Version.Size, source.Version.ETag, source.Version.Properties,
            source.Version.PartCount);
        return Task.FromResult(new CommitResult(DfsStatus.Ok, version));
    }

    public Task<DeleteResult> Delete(DeleteFile request)
    {
        catalog.Files.TryRemove(name, out var file);
        return Task.FromResult(new DeleteResult(DfsStatus.Ok, file.Version?.Version, true, false));
    }

    public Task<CommitResult> Change(ChangeFile request) => throw new NotSupportedException();

    public Task<PartsResult> Parts(VersionId version, CancellationToken cancellation = default) => throw new NotSupportedException();
}

internal sealed class FakeBucketGrain(FakeCatalog catalog, string name) : IBucketGrain
{
    private BucketName Name => BucketName.Parse(name[2..]);

    public Task<BucketResult> Find(CancellationToken cancellation = default) => Task.FromResult(
        catalog.Buckets.TryGetValue(name, out var bucket) ? new BucketResult(DfsStatus.Ok, bucket) : new BucketResult(DfsStatus.NoSuchBucket, null));

    public Task<BucketResult> Create(CreateBucket request)
    {
        var bucket = new BucketInfo(
            catalog.Draw(), Name, 1, request.Owner, request.Region, DateTimeOffset.UnixEpoch, Versioning.Unversioned, false,
            new Dictionary<string, string>());
        return Task.FromResult(catalog.Buckets.TryAdd(name, bucket)
            ? new BucketResult(DfsStatus.Ok, bucket)
            : new BucketResult(DfsStatus.BucketAlreadyExists, catalog.Buckets[name]));
    }

    public Task<DfsStatus> Delete(BucketRef bucket)
    {
        if (!catalog.IsCurrent(bucket)) return Task.FromResult(DfsStatus.BucketChanged);
        if (catalog.Files.Keys.Any(f => f.StartsWith($"f/{bucket.Id}/", StringComparison.Ordinal))) return Task.FromResult(DfsStatus.BucketNotEmpty);
        catalog.Buckets.TryRemove(name, out _);
        return Task.FromResult(DfsStatus.Ok);
    }

    public Task<BucketResult> Change(ChangeBucket request) => throw new NotSupportedException();
}

internal sealed class FakeUploadGrain(FakeCatalog catalog, string name) : IUploadGrain
{
    private readonly ConcurrentDictionary<int, PutPart> _parts = new();
    private UploadInfo? _info;

    public Task<DfsStatus> Create(CreateUpload request)
    {
        if (!catalog.IsCurrent(request.Bucket)) return Task.FromResult(DfsStatus.BucketChanged);
        Assert.Equal($"u/{request.Upload.Upload}", name);
        _info = request.Upload;
        return Task.FromResult(DfsStatus.Ok);
    }

    public Task<PutPartResult> PutPart(PutPart request)
    {
        if (catalog.NextCommits.TryDequeue(out var status)) return Task.FromResult(new PutPartResult(status, null));
        _parts[request.Number] = request;
        return Task.FromResult(new PutPartResult(
            DfsStatus.Ok, new UploadPart(request.Number, request.Blob.Blob, request.Blob.Length, request.ETag, DateTimeOffset.UnixEpoch, null)));
    }

    public Task<CommitResult> Complete(CompleteUpload request)
    {
        if (_info is not { } info) return Task.FromResult(new CommitResult(DfsStatus.NoSuchUpload, null));
        Assert.Equal(Enumerable.Range(1, request.Parts.Length), request.Parts.Select(p => p.Number));
        Assert.All(request.Parts, p => Assert.Equal(_parts[p.Number].ETag, p.ETag));
        var parts = request.Parts.Select(p => _parts[p.Number].Blob).ToList();
        var version = catalog.Put(
            $"f/{info.BucketId}/{info.Key}",
            info.Key,
            info.BucketId,
            [.. parts.SelectMany(p => p.Extents)],
            parts.Sum(p => p.Length),
            $"parts-{parts.Count}",
            info.Properties,
            parts.Count);
        return Task.FromResult(new CommitResult(DfsStatus.Ok, version));
    }

    public Task<DfsStatus> Abort(BucketRef bucket, ObjectKey key)
    {
        _info = null;
        return Task.FromResult(DfsStatus.Ok);
    }

    public Task<FindUploadResult> Find(BucketRef bucket, ObjectKey key, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public Task<ListPartsResult> ListParts(BucketRef bucket, ObjectKey key, int after, int limit, CancellationToken cancellation = default) =>
        throw new NotSupportedException();
}

internal sealed class FakeListingGrain(FakeCatalog catalog) : IListingGrain
{
    public Task<BucketsResult> Buckets(string? owner, string prefix, string after, int limit, CancellationToken cancellation = default)
    {
        var all = catalog.Buckets.Values.Where(b => Utf8Order.Compare(b.Name.Value, after) > 0)
            .OrderBy(b => b.Name.Value, Utf8Order.Instance).ToList();
        return Task.FromResult(new BucketsResult(DfsStatus.Ok, [.. all.Take(2)], all.Count > 2)); // small pages, so that paging is seen
    }

    public Task<FilesResult> Files(ListFilesRequest request, CancellationToken cancellation = default)
    {
        var all = catalog.Files.Values.Select(f => f.Version)
            .Where(v => v.BucketId == request.Bucket.Id && v.Key.Value.StartsWith(request.Prefix, StringComparison.Ordinal))
            .Where(v => Utf8Order.Compare(v.Key.Value, request.After) > 0)
            .OrderBy(v => v.Key)
            .ToList();
        var page = all.Take(2)
            .Select(v => new ListedFile(v.Key, v.Version, true, true, false, v.Size, v.ETag, v.LastModified, "root", null, null, null))
            .ToList();
        return Task.FromResult(new FilesResult(DfsStatus.Ok, new FilePage(page, [], all.Count > 2 ? page[^1].Key.Value : null)));
    }

    public Task<VersionsResult> Versions(ListVersionsRequest request, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<UploadsResult> Uploads(ListUploadsRequest request, CancellationToken cancellation = default) => throw new NotSupportedException();
}
