using System.IO.Pipelines;
using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// PutObject. The order that never changes (DESIGN §3): bytes durable on every replica (<see cref="RequestBody.WriteTo"/>) → digests verified → one
/// commit → answer. Whatever fails before the commit leaves nothing visible.
/// </summary>
static class PutObject
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var plan = PayloadPlan.Read(request.Headers, request.Identity.Signed);
        PutLimits.Check(plan);
        Answer(request, await Store(request, plan, request.Http.Request.BodyReader));
    }

    /// <summary>From the body to the committed version: PostObject's way too.</summary>
    public static async Task<FileVersion> Store(S3Request request, PayloadPlan plan, PipeReader body)
    {
        var properties = ObjectLocks.On(request, ObjectHeaders.Read(request.Headers, request.Sender));
        ObjectLocks.RequireIntegrity(request, properties);
        var acl = await WrittenAcl.Read(request);
        var tags = Tags.ReadHeader(request.Headers);
        var precondition = WritePreconditions.Read(request.Headers);
        await WriteConditions.CheckEarly(request, precondition);
        var key = await ObjectKeys.ForWrite(request);

        var owner = new RecordOwner(request.Bucket.Name, request.Key);
        await using var sink = FileSink.Open(request, owner, plan.Wanted, plan.Length, key?.Key);
        var written = await plan.WriteTo(body, sink, request);
        properties = properties with { Checksum = plan.Verify(written.Digests), Encryption = key?.Envelope };

        var committed = await request.OnBucket(
            bucket => request.Grains.CommitAsync(bucket.Id, request.Key, new CommitFile(
                bucket.Ref, AttemptId.New(), written.Blob, ObjectKeys.ETag(key, written.Digests),
                BucketDefaults.Apply(bucket, acl.Give(properties, bucket)), new Dictionary<string, string>(tags), precondition,
                written.PlainLength)),
            result => result.Status);
        WriteConditions.ThrowUnlessOk(committed.Status, precondition, request.Key);
        return committed.Version!;
    }

    static void Answer(S3Request request, FileVersion version)
    {
        Describe(request, version);
        request.Response.ContentLength = 0;
    }

    /// <summary>The headers that tell what was stored.</summary>
    public static void Describe(S3Request request, FileVersion version)
    {
        request.Set("ETag", ETags.Quote(version.ETag));
        ObjectHeaders.WriteChecksum(version.Properties.Checksum, request.Set);
        EncryptionHeaders.Write(version.Properties.Encryption, request.Set);
        request.Response.ShowVersion(request.Bucket, version.Version, version.IsNull);
        request.AnnounceExpiration(version);
    }
}
