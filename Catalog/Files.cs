using OrleansDfs.Catalog.Commits;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Reads;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>Which version: the current one (both unset), a numbered one, or the one that S3 calls <c>null</c>.</summary>
public readonly record struct VersionSelection(VersionId? Version, bool Null)
{
    public static VersionSelection Current => default;
    public bool IsCurrent => Version is null && !Null;
}

/// <summary>Makes fresh bytes visible.</summary>
/// <param name="ETag">Without quotes.</param>
public sealed record CommitRequest(
    BucketRef Bucket,
    ObjectKey Key,
    AttemptId Attempt,
    WrittenBlob Blob,
    string ETag,
    FileProperties Properties,
    IReadOnlyDictionary<string, string> Tags,
    WritePrecondition Precondition,
    long? PlainLength = null);

/// <summary>A new version that shares the bytes of another (P23).</summary>
/// <param name="SourceVersion">The version that the caller opened and judged. Gone: <see cref="CatalogStatus.NoSuchKey"/>.</param>
/// <param name="Properties"><c>null</c>: the source's.</param>
/// <param name="Tags"><c>null</c>: the source's.</param>
public sealed record CopyRequest(
    BucketRef Bucket,
    ObjectKey Key,
    AttemptId Attempt,
    BucketRef SourceBucket,
    ObjectKey SourceKey,
    VersionId SourceVersion,
    FileProperties? Properties,
    IReadOnlyDictionary<string, string>? Tags,
    WritePrecondition Precondition);

/// <summary>S3's DeleteObject.</summary>
/// <param name="IfMatch">ETag without quotes, <c>*</c>, or <c>null</c>; judged on the version named, or the current one.</param>
/// <param name="Seen">What the caller's decision stands on; <c>null</c>: on nothing, a client asked for it.</param>
public sealed record DeleteRequest(
    BucketRef Bucket, ObjectKey Key, AttemptId Attempt, VersionSelection Version, string? IfMatch, SeenVersion? Seen = null,
    bool BypassGovernance = false);

/// <summary>
/// The version that a delete nobody asked for was decided on. Under the key's lock it must still be so, or nothing happens and the outcome is
/// PreconditionFailed: a new PUT, a changed tag or a version that became current again is never deleted for what it was before.
/// </summary>
/// <param name="Newer">At least so many newer versions must still be there.</param>
/// <param name="Alone">There must be no other version of the key.</param>
public sealed record SeenVersion(VersionId Version, long Revision, bool IsCurrent, int Newer = 0, bool Alone = false);

/// <summary>A change of what may change of one version; what is <c>null</c> stays.</summary>
public sealed record AttributesRequest(BucketRef Bucket, ObjectKey Key, VersionSelection Version)
{
    /// <summary>All its tags from now on.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The ACL's document.</summary>
    public string? Acl { get; init; }
    public RetentionWish? Retention { get; init; }
    public bool? LegalHold { get; init; }

    /// <summary>The revision that the caller judged by: at any other, Changed. <c>null</c>: any.</summary>
    public long? Revision { get; init; }
}

/// <param name="Retention"><c>null</c>: none from now on.</param>
public sealed record RetentionWish(Retention? Retention, bool BypassGovernance);

/// <summary>Ok, NoSuchBucket, BucketChanged, NoSuchKey (If-Match on nothing; copy: the source is gone), PreconditionFailed, BytesLost, Unavailable,
/// Unknown;
/// for uploads also NoSuchUpload, PartsChanged.</summary>
/// <param name="Version">With Ok, the new version.</param>
public sealed record CommitOutcome(CatalogStatus Status, FileVersion? Version);

/// <summary>
/// Ok (also where there was nothing to delete), Locked (retention or legal hold), NoSuchVersion (a numbered version that is not there), NoSuchKey and
/// PreconditionFailed (If-Match),
/// NoSuchBucket, BucketChanged, Unavailable, Unknown, Busy.</summary>
/// <param name="Version">The version that went, or the marker that was made; <c>null</c> where there was nothing.</param>
/// <param name="IsNull">S3 shows it as <c>null</c>.</param>
/// <param name="IsDeleteMarker">A marker was made, or what went was one.</param>
public sealed record DeleteOutcome(CatalogStatus Status, VersionId? Version, bool IsNull, bool IsDeleteMarker);

/// <summary>What a reader already holds of a version; equal means unchanged (P20).</summary>
public readonly record struct KnownVersion(VersionId Version, long Revision);

/// <summary>What of a version's manifest is answered with it.</summary>
public enum ManifestWish
{
    /// <summary>Its first slice.</summary>
    Page,

    /// <summary>
    /// All of it if it is of at most <see cref="ReadRequest.FewExtents"/> extents and the version has no parts; else nothing, at no cost.
    /// </summary>
    IfShort,

    None,
}

/// <param name="Known">Of the version that would be answered; <c>null</c>: nothing is known.</param>
public sealed record ReadRequest(
    BucketRef Bucket, ObjectKey Key, VersionSelection Version, KnownVersion? Known, ManifestWish Manifest = ManifestWish.Page)
{
    /// <summary>16: at least 16 MiB, where bytes cost far more than rows.</summary>
    public const int FewExtents = 16;
}

/// <summary>Ok, Unchanged, NoSuchBucket, BucketChanged, NoSuchKey, NoSuchVersion, DeleteMarker, Unavailable, Busy.</summary>
/// <param name="Version">With Ok and DeleteMarker.</param>
/// <param name="Manifest">With Ok, as was wished: at most 1,000 extents from the first byte on, with fresh locations.</param>
public sealed record ReadOutcome(CatalogStatus Status, FileVersion? Version, ManifestPage? Manifest);

/// <summary>Files and their versions. Writes of a process share transactions (<see cref="Committer"/>), reads share queries
/// (<see cref="ReadCoalescer"/>).</summary>
public sealed class Files
{
    private readonly Engine _engine;
    private readonly Committer _committer;
    private readonly ReadCoalescer _reads;

    internal Files(Engine engine, Committer committer, ReadCoalescer reads) => (_engine, _committer, _reads) = (engine, committer, reads);

    public Task<CommitOutcome> CommitAsync(CommitRequest request) => Send(new CommitWrite(request));

    /// <summary>The version that this attempt made (P18); <c>null</c>: none yet, or it was overwritten since.</summary>
    public Task<FileVersion?> FindAttemptAsync(long bucketId, ObjectKey key, AttemptId attempt, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                $"SELECT {VersionRow.Columns} FROM versions v WHERE v.bucket_id = @bucket AND v.key = @key AND v.attempt_id = @attempt",
                r => VersionRow.Read(r, 0).ToFileVersion(),
                ("bucket", bucketId), ("key", key.Value), ("attempt", attempt.Value))).SingleOrDefault(),
            cancellation);

    public Task<CommitOutcome> CopyAsync(CopyRequest request) => Send(new CopyWrite(request));

    public Task<DeleteOutcome> DeleteAsync(DeleteRequest request)
    {
        var write = new DeleteWrite(request);
        _committer.Add(write);
        return write.Outcome;
    }

    /// <summary>Ok with the version as it now is; NoSuchBucket, BucketChanged, NoSuchKey, NoSuchVersion, DeleteMarker (with the marker), Locked,
    /// Unavailable, Unknown.</summary>
    public Task<CommitOutcome> ChangeAsync(AttributesRequest request) =>
        _engine.WriteAsync(session => AttributeWrite.RunAsync(session, request), status => new CommitOutcome(status, null), CancellationToken.None);

    /// <summary>Joins only a query that has not been sent yet, so it sees every write acknowledged before this call (P20).</summary>
    public Task<ReadOutcome> ReadAsync(ReadRequest request, CancellationToken cancellation = default) =>
        _reads.ReadAsync(request).WaitAsync(cancellation);

    /// <summary>The slice of a manifest from payload byte <paramref name="offset"/> on (the extent that holds it comes first); <c>null</c>: no such
    /// version.</summary>
    public Task<ManifestPage?> ManifestFromAsync(long bucketId, ObjectKey key, VersionId version, long offset,
        CancellationToken cancellation = default) =>
        _engine.ReadAsync(session => Manifests.FromAsync(session, bucketId, key.Value, version.Value, offset), cancellation);

    /// <summary>Parts of a multipart version by number; empty for a plain one.</summary>
    public Task<IReadOnlyList<VersionPart>> PartsAsync(long bucketId, ObjectKey key, VersionId version, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<VersionPart>>(
            async session => await session.QueryAsync(
                """
                SELECT part_number, blob_id, size, etag, checksum_algorithm, checksum_type, checksum_value FROM version_parts
                WHERE bucket_id = @bucket AND key = @key AND version_id = @version ORDER BY part_number
                """,
                r => new VersionPart(r.GetInt32(0), new BlobId(r.Id(1) ?? Guid.Empty), r.GetInt64(2), r.GetString(3), r.Checksum(4)),
                ("bucket", bucketId), ("key", key.Value), ("version", version.Value)),
            cancellation);

    /// <summary>Where these chunks can be read now. Chunks that are gone or retired are left out: the bytes have moved (P25).</summary>
    public Task<IReadOnlyList<ChunkLocation>> LocateAsync(IReadOnlyCollection<ChunkId> chunks, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<ChunkLocation>>(async session =>
            [.. (await Manifests.LocateAsync(session, chunks, withRetired: false)).Values], cancellation);

    private Task<CommitOutcome> Send(VersionWrite write)
    {
        _committer.Add(write);
        return write.Outcome;
    }
}
