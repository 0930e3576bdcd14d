using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>SSE-S3, SSE-C and default encryption, through whole objects, ranges, copies and multipart uploads.</summary>
[Collection(S3Tests.Name)]
public sealed class ServerSideEncryptionTests(S3Server server)
{
    const int MiB = 1024 * 1024;

    static readonly string _key = Convert.ToBase64String(SHA256.HashData("a key"u8));
    static readonly string _other = Convert.ToBase64String(SHA256.HashData("another key"u8));

    /// <summary>Borders of segments: the first holds 65,488 bytes of plaintext, every other 65,520.</summary>
    public static TheoryData<int> Sizes => [0, 1, 65_487, 65_488, 65_489, 131_007, 131_008, 131_009, MiB, 3 * MiB + 17];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_is_sealed_by_the_server_comes_back(int size)
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(size, seed: size);
        var put = await PutServer(bucket, "k", content);
        Assert.Equal(ServerSideEncryptionMethod.AES256, put.ServerSideEncryptionMethod);
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"", put.ETag);
        using var got = await server.Client.GetObjectAsync(bucket, "k");
        Assert.Equal((ServerSideEncryptionMethod.AES256, (long)size), (got.ServerSideEncryptionMethod, got.ContentLength));
        S3Assert.Same(content, await got.Bytes());
        var head = await server.Client.GetObjectMetadataAsync(bucket, "k");
        Assert.Equal((ServerSideEncryptionMethod.AES256, (long)size), (head.ServerSideEncryptionMethod, head.ContentLength));
        var listed = Assert.Single((await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket })).S3Objects);
        Assert.Equal(size, listed.Size);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_the_customer_holds_the_key_of_comes_back_with_it(int size)
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(size, seed: size);
        var put = await PutCustomer(bucket, "k", content, _key);
        Assert.NotEqual($"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"", put.ETag); // it would tell what the bytes are
        using var got = await GetCustomer(bucket, "k", _key);
        Assert.Equal(ServerSideEncryptionCustomerMethod.AES256, got.ServerSideEncryptionCustomerMethod);
        S3Assert.Same(content, await got.Bytes());
    }

    [Fact]
    public async Task Ranges_across_segments_and_from_every_border()
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(300_000);
        await PutServer(bucket, "server", content);
        await PutCustomer(bucket, "customer", content, _key);
        foreach (var (from, to) in new[] { (0, 0), (65_487, 65_488), (65_488, 65_488), (131_007, 131_008),
            (1, 299_998), (299_999, 299_999), (70_000, 200_000) })
        {
            var range = new ByteRange(from, to);
            using var server1 = await server.Client.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "server", ByteRange = range });
            S3Assert.Same(content[from..(to + 1)], await server1.Bytes());
            using var customer = await GetCustomer(bucket, "customer", _key, range);
            S3Assert.Same(content[from..(to + 1)], await customer.Bytes());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Multipart_with_uneven_parts_and_ranges_over_their_borders(bool byCustomer)
    {
        var bucket = await server.NewBucket();
        byte[][] parts = [S3Assert.Random(5 * MiB + 3, 1), S3Assert.Random(5 * MiB, 2), S3Assert.Random(70_001, 3)];
        var upload = await server.Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest
        {
            BucketName = bucket,
            Key = "k",
            ServerSideEncryptionMethod = byCustomer ? null : ServerSideEncryptionMethod.AES256,
            ServerSideEncryptionCustomerMethod = byCustomer ? ServerSideEncryptionCustomerMethod.AES256 : null,
            ServerSideEncryptionCustomerProvidedKey = byCustomer ? _key : null,
        });
        var sent = new List<PartETag>();
        foreach (var number in new[] { 3, 1, 2, 1 }) // the first is sent again: its key must not be used twice for other bytes
        {
            var part = await server.Client.UploadPartAsync(Part(number, parts[number - 1], byCustomer ? _key : null));
            sent.RemoveAll(p => p.PartNumber == number);
            sent.Add(new PartETag(number, part.ETag));
        }
        if (byCustomer)
        {
            await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => server.Client.UploadPartAsync(Part(4, [1], null)));
            await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => server.Client.UploadPartAsync(Part(4, [1], _other)));
        }
        else await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => server.Client.UploadPartAsync(Part(4, [1], _key)));
        var listed = await server.Client.ListPartsAsync(new ListPartsRequest { BucketName = bucket, Key = "k", UploadId = upload.UploadId });
        Assert.Equal(parts.Select(p => (long?)p.Length), listed.Parts.Select(p => p.Size));
        await server.Client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = bucket,
            Key = "k",
            UploadId = upload.UploadId,
            PartETags = [.. sent.OrderBy(p => p.PartNumber)],
        });

        byte[] whole = [.. parts[0], .. parts[1], .. parts[2]];
        var key = byCustomer ? _key : null;
        using (var got = await GetCustomer(bucket, "k", key)) S3Assert.Same(whole, await got.Bytes());
        var (one, two) = (parts[0].Length, parts[0].Length + parts[1].Length);
        foreach (var (from, to) in new[] { (one - 1, one), (one, one), (two - 10, two + 66_000),
            (two + 65_488, whole.Length - 1), (1_000_000, 9_000_000) })
        {
            using var got = await GetCustomer(bucket, "k", key, new ByteRange(from, to));
            S3Assert.Same(whole[from..(to + 1)], await got.Bytes());
        }
        using var second = await server.Client.GetObjectAsync(Get(bucket, "k", key, partNumber: 2));
        S3Assert.Same(parts[1], await second.Bytes());

        UploadPartRequest Part(int number, byte[] content, string? partKey) => new()
        {
            BucketName = bucket,
            Key = "k",
            UploadId = upload.UploadId,
            PartNumber = number,
            InputStream = new MemoryStream(content),
            ServerSideEncryptionCustomerMethod = partKey is null ? null : ServerSideEncryptionCustomerMethod.AES256,
            ServerSideEncryptionCustomerProvidedKey = partKey,
        };
    }

    [Fact]
    public async Task Without_the_key_or_with_another_nothing_is_told()
    {
        var bucket = await server.NewBucket();
        await PutCustomer(bucket, "k", [1, 2, 3], _key);
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => server.Client.GetObjectAsync(bucket, "k"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => GetCustomer(bucket, "k", _other));
        Assert.Equal(400, (await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k"))).Status);
        await PutServer(bucket, "server", [1]);
        await server.Client.Put(bucket, "plain", [1]);
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => GetCustomer(bucket, "server", _key));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => GetCustomer(bucket, "plain", _key));
    }

    [Theory]
    [InlineData("AES256", "KEY", null, "InvalidArgument")]
    [InlineData("AES256", null, "MD5", "InvalidArgument")]
    [InlineData(null, "KEY", "MD5", "InvalidArgument")]
    [InlineData("aws:kms", "KEY", "MD5", "InvalidEncryptionAlgorithmError")]
    [InlineData("AES256", "c2hvcnQ=", "MD5", "InvalidArgument")]
    [InlineData("AES256", "no base64", "MD5", "InvalidArgument")]
    [InlineData("AES256", "KEY", "AAAAAAAAAAAAAAAAAAAAAA==", "InvalidArgument")]
    public async Task Half_or_wrong_keys_are_refused(string? algorithm, string? key, string? md5, string code)
    {
        const string prefix = "x-amz-server-side-encryption-customer-";
        var bucket = await server.NewBucket();
        var headers = new List<(string, string)> { ("content-length", "0") };
        if (algorithm is not null) headers.Add((prefix + "algorithm", algorithm));
        if (key is not null) headers.Add((prefix + "key", key == "KEY" ? _key : key));
        if (md5 is not null)
            headers.Add((prefix + "key-md5", md5 == "MD5" ? Convert.ToBase64String(MD5.HashData(Convert.FromBase64String(_key))) : md5));
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [.. headers]));
        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.DoesNotContain(_key, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aws:kms", 501, "NotImplemented")]
    [InlineData("aws:kms:dsse", 501, "NotImplemented")]
    [InlineData("aes256", 400, "InvalidArgument")]
    public async Task Other_methods_are_refused_by_name(string method, int status, string code)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head(
            "PUT", $"/{bucket}/k", [("content-length", "0"), ("x-amz-server-side-encryption", method)]));
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Copies_from_and_to_every_kind()
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(200_000);
        await server.Client.Put(bucket, "plain", content);
        await PutServer(bucket, "server", content);
        await PutCustomer(bucket, "customer", content, _key);
        foreach (var (from, fromKey) in new[] { ("plain", null), ("server", null), ("customer", _key) })
        {
            await Copy(from, fromKey, "to-server", request => request.ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256);
            using (var got = await server.Client.GetObjectAsync(bucket, "to-server"))
            {
                Assert.Equal(ServerSideEncryptionMethod.AES256, got.ServerSideEncryptionMethod);
                S3Assert.Same(content, await got.Bytes());
            }
            await Copy(from, fromKey, "to-customer", request =>
            {
                request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
                request.ServerSideEncryptionCustomerProvidedKey = _other;
            });
            using (var got = await GetCustomer(bucket, "to-customer", _other)) S3Assert.Same(content, await got.Bytes());
            await Copy(from, fromKey, "to-any", _ => { });
            using (var got = await server.Client.GetObjectAsync(bucket, "to-any")) S3Assert.Same(content, await got.Bytes());
        }
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => Copy("customer", null, "x", _ => { }));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => Copy("customer", _other, "x", _ => { }));
        // Onto itself, to have it encrypted from now on.
        await Copy("plain", null, "plain", request => request.ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256);
        Assert.Equal(ServerSideEncryptionMethod.AES256, (await server.Client.GetObjectMetadataAsync(bucket, "plain")).ServerSideEncryptionMethod);

        Task<CopyObjectResponse> Copy(string from, string? fromKey, string to, Action<CopyObjectRequest> configure)
        {
            var request = new CopyObjectRequest { SourceBucket = bucket, SourceKey = from, DestinationBucket = bucket, DestinationKey = to };
            if (fromKey is not null)
            {
                request.CopySourceServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
                request.CopySourceServerSideEncryptionCustomerProvidedKey = fromKey;
            }
            configure(request);
            return server.Client.CopyObjectAsync(request);
        }
    }

    [Fact]
    public async Task The_default_of_a_bucket_encrypts_what_asks_for_nothing()
    {
        var bucket = await server.NewBucket();
        var none = await server.Raw(server.Signer.Head("GET", $"/{bucket}?encryption")); // the SDK hides this error
        Assert.Equal((404, "ServerSideEncryptionConfigurationNotFoundError"), (none.Status, none.Code));
        await server.Client.Put(bucket, "before", "x");
        await server.Client.PutBucketEncryptionAsync(new PutBucketEncryptionRequest
        {
            BucketName = bucket,
            ServerSideEncryptionConfiguration = new ServerSideEncryptionConfiguration
            {
                ServerSideEncryptionRules =
                [
                    new ServerSideEncryptionRule
                    {
                        ServerSideEncryptionByDefault =
                            new ServerSideEncryptionByDefault { ServerSideEncryptionAlgorithm = ServerSideEncryptionMethod.AES256 },
                    },
                ],
            },
        });
        var rule = (await server.Client.GetBucketEncryptionAsync(new GetBucketEncryptionRequest { BucketName = bucket }))
            .ServerSideEncryptionConfiguration.ServerSideEncryptionRules.Single();
        Assert.Equal(ServerSideEncryptionMethod.AES256, rule.ServerSideEncryptionByDefault.ServerSideEncryptionAlgorithm);
        Assert.Equal(ServerSideEncryptionMethod.AES256, (await server.Client.Put(bucket, "k", "secret")).ServerSideEncryptionMethod);
        Assert.Equal("secret", await server.Client.Text(bucket, "k"));
        Assert.NotEqual(ServerSideEncryptionMethod.AES256, (await server.Client.GetObjectMetadataAsync(bucket, "before")).ServerSideEncryptionMethod);
        await server.Client.DeleteBucketEncryptionAsync(new DeleteBucketEncryptionRequest { BucketName = bucket });
        Assert.NotEqual(ServerSideEncryptionMethod.AES256, (await server.Client.Put(bucket, "after", "x")).ServerSideEncryptionMethod);
        Assert.Equal("secret", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task The_disk_holds_no_plaintext()
    {
        if (!server.IsOurs) return;
        var bucket = await server.NewBucket();
        var needle = "this must not be found on any disk "u8.ToArray().Concat(Guid.NewGuid().ToByteArray()).ToArray();
        var control = "this may be found on a disk "u8.ToArray().Concat(Guid.NewGuid().ToByteArray()).ToArray();
        await server.Client.Put(bucket, "control", control);
        await PutServer(bucket, "server", needle);
        await PutCustomer(bucket, "customer", needle, _key);
        Assert.True(server.DiskHolds(control), "the search itself finds what is there");
        Assert.False(server.DiskHolds(needle), "plaintext of an encrypted object lies on the disk");
        Assert.False(server.DiskHolds(Convert.FromBase64String(_key)), "a customer's key lies on the disk");
    }

    Task<PutObjectResponse> PutServer(string bucket, string key, byte[] content) => server.Client.PutObjectAsync(new PutObjectRequest
    {
        BucketName = bucket,
        Key = key,
        InputStream = new MemoryStream(content),
        ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256,
    });

    Task<PutObjectResponse> PutCustomer(string bucket, string key, byte[] content, string customerKey) =>
        server.Client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = key,
            InputStream = new MemoryStream(content),
            ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256,
            ServerSideEncryptionCustomerProvidedKey = customerKey,
        });

    static GetObjectRequest Get(string bucket, string key, string? customerKey, ByteRange? range = null, int? partNumber = null) => new()
    {
        BucketName = bucket,
        Key = key,
        ByteRange = range,
        PartNumber = partNumber,
        ServerSideEncryptionCustomerMethod = customerKey is null ? null : ServerSideEncryptionCustomerMethod.AES256,
        ServerSideEncryptionCustomerProvidedKey = customerKey,
    };

    Task<GetObjectResponse> GetCustomer(string bucket, string key, string? customerKey, ByteRange? range = null) =>
        server.Client.GetObjectAsync(Get(bucket, key, customerKey, range));
}
