using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>A multipart upload on its way.</summary>
sealed class Upload(S3Server server, string bucket, string key)
{
    readonly Dictionary<int, UploadPartResponse> _parts = [];

    public string Id { get; set; } = "";
    public ChecksumAlgorithm? Algorithm { get; init; }

    public string ETag(int number) => _parts[number].ETag;

    public async Task Start(Action<InitiateMultipartUploadRequest>? configure = null)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = bucket, Key = key, ChecksumAlgorithm = Algorithm };
        configure?.Invoke(request);
        Id = (await server.Client.InitiateMultipartUploadAsync(request)).UploadId;
    }

    public async Task<UploadPartResponse> Put(int number, byte[] content)
    {
        var part = await server.Client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = bucket,
            Key = key,
            UploadId = Id,
            PartNumber = number,
            InputStream = new MemoryStream(content),
            ChecksumAlgorithm = Algorithm,
        });
        lock (_parts) _parts[number] = part;
        return part;
    }

    public Task<CompleteMultipartUploadResponse> Complete(Action<CompleteMultipartUploadRequest>? configure = null)
    {
        var request = new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = Id };
        request.AddPartETags(_parts.OrderBy(part => part.Key).Select(part => part.Value));
        configure?.Invoke(request);
        return server.Client.CompleteMultipartUploadAsync(request);
    }

    public Task<CompleteMultipartUploadResponse> Complete(params (int Number, string ETag)[] parts)
    {
        if (parts.Length == 0) return Complete(configure: null);
        var request = new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = Id };
        request.AddPartETags(parts.Select(part => new PartETag(part.Number, part.ETag)));
        return server.Client.CompleteMultipartUploadAsync(request);
    }
}
