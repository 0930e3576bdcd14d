using OrleansDfs.Abstractions;
using OrleansDfs.Client;
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

        // An upload begun without an algorithm gets S3's own, whatever the parts came with: SDKs add a CRC32 to each part by themselves.
        var kept = upload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME;
        await using var writer = OpenWriter(request, id, number, plan.Wanted | DigestsOf.Algorithm(kept), plan.Length);
        var written = await plan.WriteTo(request.Http.Request.BodyReader, writer, request);
        var verified = plan.Verify(written.Digests);
        var part = await Commit(request, id, number, written, written.Digests.Checksum(kept));
        request.Set("ETag", ETags.Quote(part.ETag));
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

    public static FileWriter OpenWriter(S3Request request, UploadId id, int number, Digests digests, long? length) =>
        request.Backend.Connections.OpenWriter(new RecordOwner(request.Bucket.Name, request.Key, id, number), BlobId.New(), digests, length);

    public static async Task<Model.UploadPart> Commit(S3Request request, UploadId id, int number, WrittenFile written, Checksum? checksum)
    {
        var put = await request.OnBucket(
            bucket => request.Grains.Upload(id).PutPart(new PutPart(
                bucket.Ref, request.Key, number, written.Blob, written.Digests.ETag, checksum, AttemptId.New())),
            result => result.Status);
        put.Status.ThrowUnlessOk();
        return put.Part!;
    }

    static void CheckAlgorithm(UploadInfo upload, ChecksumAlgorithm? given)
    {
        if (given is not { } algorithm || upload.ChecksumAlgorithm is not { } expected || algorithm == expected) return;
        throw new S3Exception(ErrorCode.InvalidRequest, "Checksum Type mismatch occurred, expected checksum Type: "
            + $"{expected.ToString().ToLowerInvariant()}, actual checksum Type: {algorithm.ToString().ToLowerInvariant()}");
    }
}
