using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>CopyObject: the new version shares the source's bytes (P23); nothing is read or written, whatever the size.</summary>
static class CopyObject
{
    /// <summary>Tries when a bucket changes under the copy.</summary>
    const int Attempts = 3;

    static readonly Operation _readTags = OperationTable.Named("GetObjectTagging");

    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var source = await SourceFile.Open(request);
        var replacesMetadata = Directive(request.Headers, "x-amz-metadata-directive");
        var replacesTags = Directive(request.Headers, "x-amz-tagging-directive");
        if (!replacesTags && source.Version.Tags.Count > 0) // the copy would show them (AWS: s3:GetObjectTagging on the source)
            Authorization.Require(source.Asked with { Operation = _readTags }, source.Bucket, source.Version);
        var given = ObjectHeaders.Read(request.Headers, request.Sender);
        var acl = await WrittenAcl.Read(request); // never the source's
        RefuseSelf(request, source, replacesMetadata, given);
        var precondition = WritePreconditions.Read(request.Headers);
        // The checksum goes with the bytes. Storage class and redirect are never copied (AWS, "Copying object metadata").
        var properties = ObjectLocks.On(request, replacesMetadata ? given : source.Version.Properties) with
        {
            StorageClass = given.StorageClass,
            WebsiteRedirect = given.WebsiteRedirect,
            Checksum = await Checksum(request, source),
        };
        var tags = replacesTags ? new Dictionary<string, string>(Tags.ReadHeader(request.Headers)) : null;

        var committed = await Commit(request, source, bucket => acl.Give(properties, bucket), tags, precondition);
        WriteConditions.ThrowUnlessOk(committed.Status, precondition);
        Answer(request, source, committed.Version!);
    }

    static async Task<CommitResult> Commit(
        S3Request request, SourceFile source, Func<BucketInfo, FileProperties> properties, Dictionary<string, string>? tags, WritePrecondition precondition)
    {
        var (to, from) = (request.Bucket, source.Bucket);
        for (var attempt = 1; ; attempt++)
        {
            var result = await request.Grains.File(to.Id, request.Key).CopyFrom(new CopyFile(
                to.Ref, AttemptId.New(), from.Ref, source.Key, source.Version.Version,
                properties(to) with { DefaultRetention = ObjectLocks.Default(to) }, tags, precondition));
            if (result.Status is not (DfsStatus.BucketChanged or DfsStatus.NoSuchBucket) || attempt == Attempts) return result;
            to = await request.Reload(); // either may have changed: both are authorised again
            from = await source.Reload(request);
        }
    }

    /// <returns>Whether the header says REPLACE.</returns>
    static bool Directive(RequestHeaders headers, string name) => headers[name] switch
    {
        null or "COPY" => false,
        "REPLACE" => true,
        var other => throw S3Exception.InvalidArgument($"Unknown {name["x-amz-".Length..].Replace('-', ' ')}.", name, other),
    };

    static void RefuseSelf(S3Request request, SourceFile source, bool replacesMetadata, FileProperties given)
    {
        var isSelf = source.Bucket.Id == request.Bucket.Id && source.Key == request.Key && source.IsCurrent;
        if (!isSelf || replacesMetadata || given.WebsiteRedirect is not null || given.StorageClass != source.Version.Properties.StorageClass) return;
        throw new S3Exception(ErrorCode.InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            + "object's metadata, storage class, website redirect location or encryption attributes.");
    }

    /// <summary>The source's, unless another algorithm is asked for: then the bytes are read once to compute it.</summary>
    static async Task<Checksum?> Checksum(S3Request request, SourceFile source)
    {
        var kept = source.Version.Properties.Checksum;
        if (MultipartChecksums.Read(request.Headers) is not { } asked
            || (kept?.Algorithm == asked.Algorithm && kept.Type == ChecksumType.FullObject)) return kept;
        using var digests = new DigestSet(DigestsOf.Algorithm(asked.Algorithm));
        await using var reader = request.Backend.Connections.OpenReader(source.Version, source.Manifest, 0, source.Version.Size);
        while (await reader.ReadAsync(request.Cancellation) is { IsEmpty: false } bytes) digests.Append(bytes.Span);
        return digests.Finish().Checksum(asked.Algorithm);
    }

    static void Answer(S3Request request, SourceFile source, FileVersion version)
    {
        request.Response.ShowVersion(request.Bucket, version.Version, version.IsNull);
        request.AnnounceExpiration(version);
        request.Response.ShowVersion(source.Bucket, source.Version.Version, source.Version.IsNull, "x-amz-copy-source-version-id");
        request.Xml(output => ObjectResults.WriteCopy(output, version.ETag, version.LastModified, version.Properties.Checksum));
    }
}
