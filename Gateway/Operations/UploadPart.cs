using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>UploadPart: as PutObject, but what is committed is a part. The upload must be there before a byte of the body is taken.</summary>
static class UploadPart
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var id = MultipartParameters.UploadId(request.Query);
        var number = MultipartParameters.PartNumber(request.Query);
        await request.RequireUpload(id);
        var upload = await Find(request, id);
        var plan = PayloadPlan.Read(request.Headers, request.Identity.Signed, upload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME);
        PutLimits.Check(plan);
        CheckAlgorithm(upload, plan.GivenAlgorithm);
        var key = await ObjectKeys.ForPart(request, upload);

        // An upload begun without an algorithm gets S3's own, whatever the parts came with: SDKs add a CRC32 to each part by themselves.
        var kept = upload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME;
        await using var sink = OpenSink(request, id, number, plan.Wanted | DigestsOf.Algorithm(kept), plan.Length, key);
        var written = await plan.WriteTo(request.Http.Request.BodyReader, sink, request);
        var verified = plan.Verify(written.Digests);
        var part = await Commit(request, upload, number, key, written, written.Digests.Checksum(kept));
        request.Set("ETag", ETags.Quote(part.ETag));
        EncryptionHeaders.Write(upload.Properties.Encryption, request.Set);
        if (verified is not null) request.Set(ChecksumHeaders.Name(verified.Algorithm), verified.Value);
        request.Empty();
    }

    public static async Task<UploadInfo> Find(S3Request request, UploadId id)
    {
        var found = await request.ReadOnBucket(
            bucket => request.Grains.Upload(id).Find(bucket.Ref, request.Key, request.Cancellation), result => result.Status);
        found.Status.ThrowUnlessOk();
        return found.Upload!;
    }

    public static FileSink OpenSink(S3Request request, UploadId id, int number, Digests digests, long? length, byte[]? key) =>
        FileSink.Open(request, new RecordOwner(request.Bucket.Name, request.Key, id, number), digests, length, key);

    public static async Task<Model.UploadPart> Commit(
        S3Request request, UploadInfo upload, int number, byte[]? key, StoredBody written, Checksum? checksum)
    {
        var put = await request.OnBucket(
            bucket => request.Grains.Upload(upload.Upload).PutPart(new PutPart(
                bucket.Ref, request.Key, number, written.Blob, ObjectKeys.ETag(upload.Properties.Encryption, key, written.Digests), checksum,
                AttemptId.New(), written.PlainLength)),
            result => result.Status);
        put.Status.ThrowUnlessOk();
        return put.Part!;
    }

    static void CheckAlgorithm(UploadInfo upload, ChecksumAlgorithm? given)
    {
        if (upload.ChecksumAlgorithm is not { } expected || given == expected) return;
        if (given is null && upload.ChecksumType == ChecksumType.FullObject) return; // the server's own sum of the part is as good
        throw new S3Exception(ErrorCode.InvalidRequest, "Checksum Type mismatch occurred, expected checksum Type: "
            + $"{expected.ToString().ToLowerInvariant()}, actual checksum Type: {given?.ToString().ToLowerInvariant() ?? "null"}");
    }
}
