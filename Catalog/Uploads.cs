using OrleansDfs.Catalog.Commits;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="Upload"><see cref="UploadInfo.Initiated"/> is set by the catalog.</param>
public sealed record PutPartRequest(
    BucketRef Bucket, ObjectKey Key, UploadId Upload, int Number, AttemptId Attempt, WrittenBlob Blob, string ETag, Checksum? Checksum,
    long? PlainLength = null);

/// <summary>Ok, NoSuchBucket, BucketChanged, NoSuchUpload, BytesLost, Unavailable, Unknown.</summary>
public sealed record PutPartOutcome(CatalogStatus Status, UploadPart? Part);

/// <summary>Makes one version of the parts named; the caller has judged sizes, ETags and checksums from
/// <see cref="Uploads.ListPartsAsync"/>.</summary>
/// <param name="Parts">In rising order, as read; if one is no longer so, <see cref="CatalogStatus.PartsChanged"/>.</param>
/// <param name="Properties">Of the new version: the upload's, with the checksum.</param>
public sealed record CompleteRequest(
    BucketRef Bucket,
    ObjectKey Key,
    UploadId Upload,
    AttemptId Attempt,
    IReadOnlyList<UploadPart> Parts,
    string ETag,
    FileProperties Properties,
    WritePrecondition Precondition);

/// <summary>An upload as the catalog has it.</summary>
/// <param name="Completed">The version that Complete made, while the upload row is kept (24 h); <c>null</c> while it is open.</param>
public sealed record FoundUpload(UploadInfo Upload, FileVersion? Completed);

public sealed record PartPage(IReadOnlyList<UploadPart> Parts, bool More);

/// <summary>Multipart uploads. A part's blob is referred to by its part, then by the version that Complete makes of it (P23).</summary>
public sealed class Uploads
{
    private readonly Engine _engine;
    private readonly Committer _committer;

    internal Uploads(Engine engine, Committer committer) => (_engine, _committer) = (engine, committer);

    /// <summary>Ok, NoSuchBucket, BucketChanged, Unavailable, Unknown.</summary>
    public Task<CatalogStatus> CreateAsync(BucketRef bucket, UploadInfo upload, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                long? revision = null;
                BucketRows.LockShared(session, bucket.Id, r => revision = r);
                await session.RunAsync();
                if (BucketRows.Judge(bucket, revision) is var status and not CatalogStatus.Ok) return status;
                await session.ExecuteAsync(
                    """
                    INSERT INTO uploads (upload_id, bucket_id, key, initiator, initiated, properties, tags, checksum_algorithm, checksum_type)
                    VALUES (@upload, @bucket, @key, @initiator, {now}, @properties, @tags, CAST(@algorithm AS INTEGER), CAST(@type AS INTEGER))
                    """,
                    ("upload", upload.Upload.Value), ("bucket", bucket.Id), ("key", upload.Key.Value), ("initiator", upload.Initiator),
                    ("properties", Documents.Write(upload.Properties)), ("tags", Documents.Write(upload.Tags)),
                    ("algorithm", (int?)upload.ChecksumAlgorithm), ("type", (int?)upload.ChecksumType));
                return CatalogStatus.Ok;
            },
            status => status,
            cancellation);

    /// <summary>Open or completed; <c>null</c>: never there, aborted, or completed long ago.</summary>
    public Task<FoundUpload?> FindAsync(UploadId upload, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                $"SELECT {UploadRows.Columns}, u.result FROM uploads u WHERE u.upload_id = @upload",
                r => new FoundUpload(
                    UploadRows.Read(r),
                    r.Text(9) is { } result ? CompletedUpload.Version(new KeyId(r.GetInt64(1), r.GetString(2)), result, r.GetString(6)) : null),
                ("upload", upload.Value))).SingleOrDefault(),
            cancellation);

    /// <summary>A part of the same number is replaced and its bytes freed.</summary>
    public async Task<PutPartOutcome> PutPartAsync(PutPartRequest request)
    {
        try
        {
            return await _engine.WriteAsync(session => PartCommit.RunAsync(session, request));
        }
        catch (CatalogUnavailableException)
        {
            return new PutPartOutcome(CatalogStatus.Unavailable, null);
        }
        catch (CatalogOutcomeUnknownException)
        {
            return await LookUpAsync(request);
        }
    }

    public Task<PartPage> ListPartsAsync(UploadId upload, int after, int limit, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session =>
            {
                var parts = await session.QueryAsync(
                    """
                    SELECT part_number, part_id, size, etag, last_modified, checksum_algorithm, checksum_type, checksum_value FROM parts
                    WHERE upload_id = @upload AND part_number > @after ORDER BY part_number LIMIT @limit
                    """,
                    UploadRows.ReadPart,
                    ("upload", upload.Value), ("after", after), ("limit", limit + 1L));
                return new PartPage([.. parts.Take(limit)], parts.Count > limit);
            },
            cancellation);

    /// <summary>Atomic; a repetition after success answers the same version. Parts not named are freed.</summary>
    public Task<CommitOutcome> CompleteAsync(CompleteRequest request)
    {
        var write = new CompleteWrite(request);
        _committer.Add(write);
        return write.Outcome;
    }

    /// <summary>Ok, NoSuchUpload (also when it is completed), Unavailable, Unknown; NoSuchBucket and BucketChanged only where a bucket is
    /// given.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="bucket">The bucket as the decision to abort knows it; <c>null</c>: a client asked for it.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<CatalogStatus> AbortAsync(UploadId upload, BucketRef? bucket = null, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                if (bucket is { } known)
                {
                    long? revision = null;
                    BucketRows.LockShared(session, known.Id, r => revision = r);
                    await session.RunAsync();
                    if (BucketRows.Judge(known, revision) is var status and not CatalogStatus.Ok) return status;
                }
                var open = await session.QueryAsync(
                    "SELECT upload_id FROM uploads WHERE upload_id = @upload AND completed IS NULL {for update}", r => r.GetGuid(0),
                        ("upload", upload.Value));
                if (open.Count == 0) return CatalogStatus.NoSuchUpload;
                await UploadRows.RemoveAsync(session, open);
                return CatalogStatus.Ok;
            },
            status => status,
            cancellation);

    /// <summary>P18: found by its attempt id, or unknown.</summary>
    private async Task<PutPartOutcome> LookUpAsync(PutPartRequest request)
    {
        try
        {
            var found = await _engine.ReadAsync(session => session.QueryAsync(
                """
                SELECT part_number, part_id, size, etag, last_modified, checksum_algorithm, checksum_type, checksum_value FROM parts
                WHERE upload_id = @upload AND part_number = @number AND attempt_id = @attempt
                """,
                UploadRows.ReadPart,
                ("upload", request.Upload.Value), ("number", request.Number), ("attempt", request.Attempt.Value)));
            return found.Count == 1 ? new PutPartOutcome(CatalogStatus.Ok, found[0]) : new PutPartOutcome(CatalogStatus.Unknown, null);
        }
        catch (CatalogUnavailableException)
        {
            return new PutPartOutcome(CatalogStatus.Unknown, null);
        }
    }
}
