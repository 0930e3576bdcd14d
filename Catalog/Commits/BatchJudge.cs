using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Commits;

/// <summary>Decides each write of a batch on the rows as locked (P15–P17) and notes its changes in the plan. A write that does not hold leaves no
/// trace there.</summary>
internal sealed class BatchJudge(BatchState state, BatchPlan plan)
{
    private static readonly VersionRow Blank = new(default, 0, 0, false, false, false, 0, "", 0, 0, null, "{}", "{}");

    public (CatalogStatus Status, WriteResult? Result) Judge(FileWrite write)
    {
        var status = Bucket(write.Bucket);
        if (status == CatalogStatus.Ok && write.SourceBucket is { } source) status = Bucket(source);
        if (status != CatalogStatus.Ok) return (status, null);
        return write switch
        {
            CommitWrite commit => Commit(commit),
            CopyWrite copy => Copy(copy),
            CompleteWrite complete => Complete(complete),
            DeleteWrite delete => Delete(delete),
            _ => throw new InvalidOperationException($"No judgement for {write.GetType().Name}."),
        };
    }

    /// <summary>P17, and DESIGN §9: the caller authorised against this revision.</summary>
    private CatalogStatus Bucket(BucketRef bucket)
    {
        if (!state.Buckets.TryGetValue(bucket.Id, out var row)) return CatalogStatus.NoSuchBucket;
        return row.Revision == bucket.Revision ? CatalogStatus.Ok : CatalogStatus.BucketChanged;
    }

    private CatalogStatus Precondition(VersionWrite write) => write.Precondition.Judge(plan.Key(write.Key).VisibleETag) switch
    {
        PreconditionOutcome.Holds => CatalogStatus.Ok,
        PreconditionOutcome.NoSuchKey => CatalogStatus.NoSuchKey,
        _ => CatalogStatus.PreconditionFailed,
    };

    private (CatalogStatus, WriteResult?) Commit(CommitWrite write)
    {
        if (Precondition(write) is var failed and not CatalogStatus.Ok) return (failed, null);
        var request = write.Request;
        if (!state.Chunks.Hold(request.Blob)) return (CatalogStatus.BytesLost, null); // P16
        Guid? blob = request.Blob.Extents.Count == 0 ? null : request.Blob.Blob.Value;
        var row = Blank with
        {
            Size = request.PlainLength ?? request.Blob.Length,
            ETag = request.ETag,
            Blob = blob,
            Tags = Documents.Write(request.Tags)
        };
        if (blob is not null) plan.Fresh.Add(request.Blob);
        return Ok(plan.Add(write, row, request.Properties));
    }

    private (CatalogStatus, WriteResult?) Copy(CopyWrite write)
    {
        var request = write.Request;
        var source = state.Keys.GetValueOrDefault(write.Source!.Value)?.Versions.GetValueOrDefault(request.SourceVersion.Value);
        if (source is null or { IsDeleteMarker: true }) return (CatalogStatus.NoSuchKey, null);
        if (Precondition(write) is var failed and not CatalogStatus.Ok) return (failed, null);
        var row = source with { Tags = request.Tags is null ? source.Tags : Documents.Write(request.Tags) };
        plan.Refer(source.Blob, +1); // P23: under the lock of the source's key no version of it can go
        // A lock is its version's own: a copy begins without (AWS, CopyObject).
        var added = plan.Add(write, row, request.Properties ?? Documents.ReadProperties(source.Properties) with
        {
            Retention = null,
            LegalHold = null
        });
        if (source.PartCount > 0) plan.CopiedParts.Add((source, added));
        return Ok(added);
    }

    private (CatalogStatus, WriteResult?) Complete(CompleteWrite write)
    {
        var request = write.Request;
        if (!state.Uploads.TryGetValue(request.Upload.Value, out var upload) || upload.Key != write.Key) return (CatalogStatus.NoSuchUpload, null);
        if (upload.Completed) return (CatalogStatus.Ok, new WriteResult(CompletedUpload.Version(upload.Key, upload.Result!, upload.Tags), null));
        foreach (var part in request.Parts)
            if (upload.Parts.GetValueOrDefault(part.Number)?.PartId != part.Blob.Value) return (CatalogStatus.PartsChanged, null);
        if (Precondition(write) is var failed and not CatalogStatus.Ok) return (failed, null);
        if (IsOvertaken(write, upload)) return (CatalogStatus.Overtaken, null);

        var size = request.Parts.Sum(p => p.Size);
        var row = Blank with { Size = size, ETag = request.ETag, PartCount = request.Parts.Count, Tags = upload.Tags };
        var added = plan.Add(write, row, request.Properties);
        var offset = 0L;
        foreach (var part in request.Parts)
        {
            var (_, blob, stored) = upload.Parts[part.Number]; // its reference moves from the part to the version
            plan.AddedParts.Add(new NewPart(write.Key, added.Version, part.Number, blob, part.Size, part.ETag, part.Checksum, offset));
            offset += stored; // of the stored bytes: encrypted ones are longer than the part
        }
        var named = request.Parts.Select(p => p.Number).ToHashSet();
        foreach (var (_, part) in upload.Parts.Where(p => !named.Contains(p.Key))) plan.Refer(part.Blob, -1);
        plan.CompletedUploads.Add((request.Upload.Value, CompletedUpload.ResultOf(added)));
        return Ok(added);
    }

    /// <summary>
    /// A condition is about the file as it was when the upload began: whatever was written since, a delete marker too, must not be replaced, not even
    /// what has the same ETag (measured on AWS: 409). A delete that left no marker left nothing to see.
    /// </summary>
    private bool IsOvertaken(CompleteWrite write, UploadState upload) =>
        write.Precondition != WritePrecondition.None && plan.Key(write.Key).CurrentRow?.LastModified > upload.Initiated;

    private (CatalogStatus, WriteResult?) Delete(DeleteWrite write)
    {
        var key = plan.Key(write.Key);
        var selection = write.Request.Version;
        var named = selection.IsCurrent ? key.CurrentRow : key.Versions.GetValueOrDefault(selection.Null ? key.Null : selection.Version!.Value.Value);
        if (write.Request.Seen is { } seen && !IsStillSo(write.Key, seen, named)) return (CatalogStatus.PreconditionFailed, null);
        if (write.Request.IfMatch is { } expected)
        {
            if (named is null) return (CatalogStatus.NoSuchKey, null);
            // Under a current marker there is no file (measured on AWS: 404); a marker by its id is there, and has no ETag.
            if (named.IsDeleteMarker) return (selection.IsCurrent ? CatalogStatus.NoSuchKey : CatalogStatus.PreconditionFailed, null);
            if (expected != "*" && expected != named.ETag) return (CatalogStatus.PreconditionFailed, null);
        }
        if (!selection.IsCurrent)
        {
            if (named is null) return (selection.Null ? CatalogStatus.Ok : CatalogStatus.NoSuchVersion, null);
            if (IsLocked(named, write.Request.BypassGovernance)) return (CatalogStatus.Locked, null);
            plan.Remove(write.Key, named);
            return (CatalogStatus.Ok, new WriteResult(null, named));
        }
        if (state.Buckets[write.Bucket.Id].Versioning == Versioning.Unversioned)
        {
            if (named is null) return (CatalogStatus.Ok, null);
            plan.Remove(write.Key, named);
            return (CatalogStatus.Ok, new WriteResult(null, null)); // S3 names no version here
        }
        // Enabled: a marker on top. Suspended: the marker is the null version and replaces the former one.
        return Ok(plan.Add(write, Blank with { IsDeleteMarker = true }, FileProperties.Empty));
    }

    /// <summary>
    /// S3 Object Lock: nobody deletes a version under a legal hold or in its retention, by the database's clock; in governance mode those do who
    /// bypass it. Every way that
    /// takes a version away for ever comes through here: clients, lifecycle rules. (A bucket with Object Lock is versioned for ever, so nothing is
    /// overwritten in it.)
    /// </summary>
    private bool IsLocked(VersionRow row, bool bypass)
    {
        if (row.IsDeleteMarker) return false;
        var properties = Documents.ReadProperties(row.Properties);
        return properties.LegalHold == true
            || !(properties.Retention?.MayBecome(null, MicrosecondClock.FromMicroseconds(state.Now), bypass) ?? true);
    }

    private bool IsStillSo(KeyId id, SeenVersion seen, VersionRow? named)
    {
        if (named is null || named.Version != seen.Version.Value || named.Revision != seen.Revision) return false;
        var key = plan.Key(id);
        if ((key.Current == named.Version) != seen.IsCurrent) return false;
        if (seen.Alone && (key.Current != named.Version || key.BeforeCurrent != 0)) return false;
        return seen.Newer == 0 || state.WithNewer.Contains((id, named.Version));
    }

    /// <summary>A new version, which is the plan's last.</summary>
    private (CatalogStatus, WriteResult?) Ok(VersionRow row) =>
        (CatalogStatus.Ok, new WriteResult(row.ToFileVersion(plan.Added[^1].Properties), null));
}
