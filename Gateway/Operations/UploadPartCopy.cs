using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// UploadPartCopy: a range of a file becomes a part. Read and written through this process, verified on the way, in bounded memory.
/// </summary>
static class UploadPartCopy
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var id = MultipartParameters.UploadId(request.Query);
        var number = MultipartParameters.PartNumber(request.Query);
        await request.RequireUpload(id);
        var upload = await UploadPart.Find(request, id);
        var source = await SourceFile.Open(request);
        var range = ByteRange.ParseCopySource(request.Headers["x-amz-copy-source-range"], source.Version.Size);
        if (range.Length > MultipartParameters.MaxPutSize)
            throw new S3Exception(ErrorCode.InvalidRequest,
                $"The specified copy source is larger than the maximum allowable size for a copy source: {MultipartParameters.MaxPutSize}");

        var key = await ObjectKeys.ForPart(request, upload);
        var sourceKey = await ObjectKeys.ForSource(request, source.Version.Properties);
        var sourceParts = await FileSource.Parts(request, source.Version);
        var algorithm = upload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME;
        await using var sink = UploadPart.OpenSink(request, id, number, Digests.Md5 | DigestsOf.Algorithm(algorithm), range.Length, key);
        await using (var reader = FileSource.Open(request, source.Version, source.Manifest, sourceKey, sourceParts, range.Offset, range.Length))
            while (await reader.ReadAsync(request.Cancellation) is { IsEmpty: false } bytes)
                await sink.WriteAsync(bytes, request.Cancellation);
        var written = await sink.CompleteAsync(request.Cancellation);
        var part = await UploadPart.Commit(request, upload, number, key, written, written.Digests.Checksum(algorithm));
        EncryptionHeaders.Write(upload.Properties.Encryption, request.Set);
        request.Response.ShowVersion(source.Bucket, source.Version.Version, source.Version.IsNull, "x-amz-copy-source-version-id");
        request.Xml(output => ObjectResults.WriteCopyPart(output, part.ETag, part.LastModified, part.Checksum));
    }
}
