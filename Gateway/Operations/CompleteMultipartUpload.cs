using System.Globalization;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// CompleteMultipartUpload: part numbers and ETags go to the grain, no bytes move, and one version appears. Answered when it is decided: 10,000
/// parts are
/// one transaction, so no whitespace is needed to keep the connection alive.
/// </summary>
static class CompleteMultipartUpload
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var id = MultipartParameters.UploadId(request.Query);
        await request.RequireUpload(id);
        var precondition = WritePreconditions.Read(request.Headers);
        var type = MultipartChecksums.ReadType(request.Headers);
        var expected = Expected(request.Headers, type);
        var size = ExpectedSize(request.Headers);
        var document = await request.ReadDocument(CompleteMultipartUploadRequest.MaxBytes, checksumIsOfBody: false);
        var parts = CompleteMultipartUploadRequest.Parse(document);

        var completed = await request.OnBucket(
            bucket => request.Grains.Upload(id).Complete(
                new CompleteUpload(bucket.Ref, request.Key, [.. parts], expected, size, precondition, type)),
            result => result.Status);
        if (completed.Status is DfsStatus.PartChecksumMissing or DfsStatus.ChecksumTypeDiffers) throw await Discord(request, id, completed);
        if (completed is { Status: DfsStatus.BadDigest, Part: { } wrong })
        {
            var named = parts.First(part => part.Number == wrong.Number).Checksum!.Algorithm;
            throw new S3Exception(ErrorCode.BadDigest, $"The {Lower(named)} you specified for part {wrong.Number} did not match what we received.");
        }
        if (completed.Part is { } faulty) throw Refusal(id, completed.Status, faulty);
        WriteConditions.ThrowUnlessOk(completed.Status, precondition, request.Key);
        var version = completed.Version!;
        request.Response.ShowVersion(request.Bucket, version.Version, version.IsNull);
        request.AnnounceExpiration(version);
        EncryptionHeaders.Write(version.Properties.Encryption, request.Set);
        request.Xml(output => MultipartResults.WriteComplete(
            output, request.Location(), request.BucketName, request.Key, version.ETag, version.Properties.Checksum));
    }

    /// <summary>AWS names what the upload was begun with.</summary>
    static async Task<S3Exception> Discord(S3Request request, UploadId id, CommitResult refused)
    {
        var upload = await UploadPart.Find(request, id);
        var type = upload.ChecksumType ?? ChecksumType.FullObject;
        return new S3Exception(ErrorCode.InvalidRequest, refused.Part is { } part
            ? $"The upload was created using a {Lower(upload.ChecksumAlgorithm)} checksum. The complete request must include the checksum "
                + $"for each part. It was missing for part {part.Number} in the request."
            : $"The upload was created using the {ChecksumHeaders.Name(type)} checksum mode. The complete request must use the same checksum mode.");
    }

    static string Lower(ChecksumAlgorithm? algorithm) => $"{algorithm}".ToLowerInvariant();

    /// <summary>AWS names the part that is wrong.</summary>
    static S3Exception Refusal(UploadId id, DfsStatus status, FaultyPart part)
    {
        var code = status.ToException().Error.Code;
        var number = part.Number.ToString(CultureInfo.InvariantCulture);
        return status == DfsStatus.PartTooSmall
            ? new S3Exception(code, null, ("ProposedSize", $"{part.Size}"), ("MinSizeAllowed", $"{MultipartParameters.MinPartSize}"),
                ("PartNumber", number), ("ETag", part.ETag))
            : new S3Exception(code, null, ("UploadId", id.ToString()), ("PartNumber", number), ("ETag", part.ETag));
    }

    /// <summary>The checksum headers of Complete are the object's, not the document's.</summary>
    static Checksum? Expected(RequestHeaders headers, ChecksumType? type)
    {
        var checksum = ChecksumHeaders.ReadExpected(headers);
        return checksum is null || type is null ? checksum : checksum with { Type = type.Value };
    }

    static long? ExpectedSize(RequestHeaders headers)
    {
        if (headers["x-amz-mp-object-size"] is not { } text) return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size))
            throw new S3Exception(ErrorCode.InvalidRequest, "Value for x-amz-mp-object-size header is invalid");
        return size >= 0 ? size : throw new S3Exception(ErrorCode.InvalidRequest, "Value for x-amz-mp-object-size header is less than zero");
    }
}
