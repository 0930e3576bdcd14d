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
        var expected = Expected(request.Headers);
        var size = ExpectedSize(request.Headers);
        var document = await request.ReadDocument(CompleteMultipartUploadRequest.MaxBytes, checksumIsOfBody: false);
        var parts = CompleteMultipartUploadRequest.Parse(document);

        var completed = await request.OnBucket(
            bucket => request.Grains.Upload(id).Complete(new CompleteUpload(bucket.Ref, request.Key, [.. parts], expected, size, precondition)),
            result => result.Status);
        if (completed.Part is { } faulty) throw Refusal(id, completed.Status, faulty);
        WriteConditions.ThrowUnlessOk(completed.Status, precondition);
        var version = completed.Version!;
        request.Response.ShowVersion(request.Bucket, version.Version, version.IsNull);
        request.AnnounceExpiration(version);
        EncryptionHeaders.Write(version.Properties.Encryption, request.Set);
        request.Xml(output => MultipartResults.WriteComplete(
            output, request.Location(), request.BucketName, request.Key, version.ETag, version.Properties.Checksum));
    }

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
    static Checksum? Expected(RequestHeaders headers)
    {
        var checksum = ChecksumHeaders.ReadExpected(headers);
        var type = MultipartChecksums.ReadType(headers);
        return checksum is null || type is null ? checksum : checksum with { Type = type.Value };
    }

    static long? ExpectedSize(RequestHeaders headers)
    {
        if (headers["x-amz-mp-object-size"] is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)) return size;
        throw S3Exception.InvalidArgument("Value for x-amz-mp-object-size header is invalid.", "x-amz-mp-object-size", text);
    }
}
