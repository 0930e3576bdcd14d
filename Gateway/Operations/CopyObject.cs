using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// CopyObject: the new version shares the source's bytes (P23); nothing is read or written, whatever the size. Only where the copy is to be encrypted
/// otherwise than its source are the bytes opened and sealed anew.
/// </summary>
static class CopyObject
{
    /// <summary>Tries when a bucket changes under the copy.</summary>
    const int Attempts = S3Request.BucketAttempts;

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
        var sourceKey = await ObjectKeys.ForSource(request, source.Version.Properties);
        var precondition = WritePreconditions.Read(request.Headers);
        await WriteConditions.CheckEarly(request, precondition); // AWS judges them before it looks whether anything would change
        RefuseSelf(request, source, replacesMetadata, given);
        // The checksum goes with the bytes. Storage class and redirect are never copied (AWS, "Copying object metadata").
        var properties = ObjectLocks.On(request, replacesMetadata ? given : source.Version.Properties) with
        {
            StorageClass = given.StorageClass,
            WebsiteRedirect = given.WebsiteRedirect,
            Encryption = source.Version.Properties.Encryption,
        };
        var tags = replacesTags ? new Dictionary<string, string>(Tags.ReadHeader(request.Headers)) : null;

        CommitResult committed;
        if (SharesBytes(request, source.Version.Properties.Encryption))
        {
            properties = properties with { Checksum = await Checksum(request, source, sourceKey) };
            committed = await Share(request, source, bucket => acl.Give(properties, bucket), tags, precondition);
        }
        else
        {
            committed = await Reseal(
                request, source, sourceKey, acl, properties, tags ?? new Dictionary<string, string>(source.Version.Tags), precondition);
        }
        WriteConditions.ThrowUnlessOk(committed.Status, precondition, request.Key);
        Answer(request, source, committed.Version!);
    }

    /// <summary>
    /// A copy that asks for nothing stays as its source is: what was encrypted is not stored in the clear because somebody copied it. A customer's
    /// key is not ours to keep, so such a copy is always made anew.
    /// </summary>
    static bool SharesBytes(S3Request request, Encryption? encryption)
    {
        if (EncryptionHeaders.HasCustomer(request.Headers) || encryption is { Kind: EncryptionKind.Customer }) return false;
        var wantsServer = EncryptionHeaders.WantsServer(request.Headers) || request.Bucket.Settings.ContainsKey(ObjectKeys.Setting);
        return encryption is not null || !wantsServer;
    }

    static async Task<CommitResult> Reseal(
        S3Request request, SourceFile source, byte[]? sourceKey, WrittenAcl acl, FileProperties properties, Dictionary<string, string> tags,
        WritePrecondition precondition)
    {
        var version = source.Version;
        if (version.Size > MultipartParameters.MaxPutSize)
            throw new S3Exception(ErrorCode.InvalidRequest,
                $"The specified copy source is larger than the maximum allowable size for a copy source: {MultipartParameters.MaxPutSize}");
        var algorithm = MultipartChecksums.Read(request.Headers)?.Algorithm ?? version.Properties.Checksum?.Algorithm ?? ChecksumAlgorithm.CRC64NVME;
        var key = await ObjectKeys.ForWrite(request);
        var owner = new RecordOwner(request.Bucket.Name, request.Key);
        await using var sink = FileSink.Open(request, owner, Digests.Md5 | DigestsOf.Algorithm(algorithm), version.Size, key?.Key);
        var parts = await FileSource.Parts(request, version);
        await using (var reader = FileSource.Open(request, version, source.Manifest, sourceKey, parts, 0, version.Size))
            while (await reader.ReadAsync(request.Cancellation) is { IsEmpty: false } bytes)
                await sink.WriteAsync(bytes, request.Cancellation);
        var written = await sink.CompleteAsync(request.Cancellation);
        properties = properties with { Checksum = written.Digests.Checksum(algorithm), Encryption = key?.Envelope };
        return await request.OnBucket(
            bucket => request.Grains.CommitAsync(bucket.Id, request.Key, new CommitFile(
                bucket.Ref, AttemptId.New(), written.Blob, ObjectKeys.ETag(key, written.Digests),
                BucketDefaults.Apply(bucket, acl.Give(properties, bucket)), tags, precondition, written.PlainLength)),
            result => result.Status);
    }

    static async Task<CommitResult> Share(
        S3Request request, SourceFile source, Func<BucketInfo, FileProperties> properties, Dictionary<string, string>? tags,
            WritePrecondition precondition)
    {
        var (to, from) = (request.Bucket, source.Bucket);
        for (var attempt = 1; ; attempt++)
        {
            var result = await request.Grains.CopyAsync(to.Id, request.Key, new CopyFile(
                to.Ref, AttemptId.New(), from.Ref, source.Key, source.Version.Version,
                BucketDefaults.Apply(to, properties(to)), tags, precondition));
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
        if (!isSelf || replacesMetadata || request.Headers.Contains(EncryptionHeaders.Server) || EncryptionHeaders.HasCustomer(request.Headers)
            || given.WebsiteRedirect is not null
            || request.Bucket.Settings.ContainsKey(ObjectKeys.Setting) // the copy gets the bucket's encryption
            || request.Headers.Contains("x-amz-storage-class")) return; // naming the class is enough, whichever it is; not naming it is not
        throw new S3Exception(ErrorCode.InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            + "object's metadata, storage class, website redirect location or encryption attributes.");
    }

    /// <summary>The source's, unless another algorithm is asked for: then the bytes are read once to compute it.</summary>
    static async Task<Checksum?> Checksum(S3Request request, SourceFile source, byte[]? sourceKey)
    {
        var kept = source.Version.Properties.Checksum;
        if (MultipartChecksums.Read(request.Headers) is not { } asked
            || (kept?.Algorithm == asked.Algorithm && kept.Type == ChecksumType.FullObject)) return kept;
        using var digests = new DigestSet(DigestsOf.Algorithm(asked.Algorithm));
        var parts = await FileSource.Parts(request, source.Version);
        await using var reader = FileSource.Open(request, source.Version, source.Manifest, sourceKey, parts, 0, source.Version.Size);
        while (await reader.ReadAsync(request.Cancellation) is { IsEmpty: false } bytes) digests.Append(bytes.Span);
        return digests.Finish().Checksum(asked.Algorithm);
    }

    static void Answer(S3Request request, SourceFile source, FileVersion version)
    {
        request.Response.ShowVersion(request.Bucket, version.Version, version.IsNull);
        request.AnnounceExpiration(version);
        EncryptionHeaders.Write(version.Properties.Encryption, request.Set);
        request.Response.ShowVersion(source.Bucket, source.Version.Version, source.Version.IsNull, "x-amz-copy-source-version-id");
        request.Xml(output => ObjectResults.WriteCopy(output, version.ETag, version.LastModified, version.Properties.Checksum));
    }
}
