using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>CreateMultipartUpload: what is said about the file is kept with the upload.</summary>
static class CreateMultipartUpload
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        if (request.Identity.User is null) // nobody could be told from anybody else when it goes on
            throw new S3Exception(ErrorCode.AccessDenied, "Anonymous users cannot initiate multipart uploads.  Please authenticate.");
        var properties = ObjectLocks.On(request, ObjectHeaders.Read(request.Headers, request.Sender));
        var acl = await WrittenAcl.Read(request);
        var tags = Tags.ReadHeader(request.Headers);
        var checksum = MultipartChecksums.Read(request.Headers);
        properties = properties with { Encryption = (await ObjectKeys.ForWrite(request))?.Envelope };
        var id = UploadId.New();
        var status = await request.OnBucket(
            bucket => request.Grains.Upload(id).Create(new CreateUpload(bucket.Ref, new UploadInfo(
                id, bucket.Id, request.Key, request.Sender, default,
                BucketDefaults.Apply(bucket, acl.Give(properties, bucket)), tags, checksum?.Algorithm, checksum?.Type))),
            result => result);
        status.ThrowUnlessOk();
        request.AnnounceAbort(request.Key, request.Backend.Time.GetUtcNow());
        EncryptionHeaders.Write(properties.Encryption, request.Set);
        if (checksum is { } chosen)
        {
            request.Set("x-amz-checksum-algorithm", chosen.Algorithm.ToString());
            request.Set("x-amz-checksum-type", ChecksumHeaders.Name(chosen.Type));
        }
        request.Xml(output => MultipartResults.WriteInitiate(output, request.BucketName, request.Key, id));
    }
}
