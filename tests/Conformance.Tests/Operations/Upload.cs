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
        request.AddPartETags(_parts.OrderBy(part => part.Key).Select(part => Named(part.Value)));
        configure?.Invoke(request);
        return server.Client.CompleteMultipartUploadAsync(request);
    }

    public Task<CompleteMultipartUploadResponse> Complete(params (int Number, string ETag)[] parts)
    {
        if (parts.Length == 0) return Complete(configure: null);
        var request = new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = Id };
        request.AddPartETags(parts.Select(part =>
            _parts.TryGetValue(part.Number, out var put) && put.ETag == part.ETag ? Named(put) : new PartETag(part.Number, part.ETag)));
        return server.Client.CompleteMultipartUploadAsync(request);
    }

    /// <summary>With its checksums, which a composite upload must name.</summary>
    public static PartETag Named(UploadPartResponse part) => new(part.PartNumber!.Value, part.ETag)
    {
        ChecksumCRC32 = part.ChecksumCRC32,
        ChecksumCRC32C = part.ChecksumCRC32C,
        ChecksumCRC64NVME = part.ChecksumCRC64NVME,
        ChecksumSHA1 = part.ChecksumSHA1,
        ChecksumSHA256 = part.ChecksumSHA256,
    };
}
