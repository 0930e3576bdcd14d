using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>The whole life of an upload: CreateMultipartUpload, UploadPart and CompleteMultipartUpload make sense only together.</summary>
[Collection(S3Tests.Name)]
public sealed class CompleteMultipartUploadTests(S3Server server)
{
    const int Part = 5 * 1024 * 1024;

    [Fact]
    public async Task Parts_in_any_order_make_one_file()
    {
        var bucket = await server.NewBucket();
        byte[][] content = [S3Assert.Random(Part, 1), S3Assert.Random(Part + 77, 2), S3Assert.Random(99, 3)];
        var upload = new Upload(server, bucket, "big");
        await upload.Start(request => request.Metadata["colour"] = "blue");
        await Task.WhenAll(upload.Put(3, content[2]), upload.Put(1, content[0]), upload.Put(2, content[1]));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "big"));
        var completed = await upload.Complete();

        var md5 = MD5.HashData(content.SelectMany(MD5.HashData).ToArray());
        Assert.Equal($"\"{Convert.ToHexStringLower(md5)}-3\"", completed.ETag);
        using var got = await server.Client.GetObjectAsync(bucket, "big");
        byte[] whole = [.. content[0], .. content[1], .. content[2]];
        S3Assert.Same(whole, await got.Bytes());
        Assert.Equal("blue", got.Metadata["colour"]);
        var again = await upload.Complete();
        Assert.Equal(completed.ETag, again.ETag); // a repetition answers the same

        var second = await server.Raw(server.Signer.Head("GET", $"/{bucket}/big?partNumber=2"));
        Assert.Equal((206, "3"), (second.Status, second.Header("x-amz-mp-parts-count")));
        S3Assert.Same(content[1], second.Body);
        var missing = await server.Raw(server.Signer.Head("GET", $"/{bucket}/big?partNumber=4"));
        Assert.Equal((416, "InvalidPartNumber"), (missing.Status, missing.Code));
    }

    [Fact]
    public async Task A_part_can_be_replaced()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        await upload.Put(1, "first"u8.ToArray());
        await upload.Put(1, "second"u8.ToArray());
        await upload.Complete();
        Assert.Equal("second", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task Wrong_parts_are_refused_and_the_upload_stays()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        await upload.Put(1, "small"u8.ToArray());
        await upload.Put(2, "small too"u8.ToArray());
        await S3Assert.Fails(HttpStatusCode.BadRequest, "EntityTooSmall", () => upload.Complete());
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidPart", () => upload.Complete((1, "\"00000000000000000000000000000000\"")));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidPart", () => upload.Complete((7, upload.ETag(1))));
        var order = await Send(bucket, upload.Id, "<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>a</ETag></Part>"
            + "<Part><PartNumber>1</PartNumber><ETag>b</ETag></Part></CompleteMultipartUpload>");
        Assert.Equal((400, "InvalidPartOrder"), (order.Status, order.Code));
        var empty = await Send(bucket, upload.Id, "<CompleteMultipartUpload></CompleteMultipartUpload>");
        Assert.Equal((400, "MalformedXML"), (empty.Status, empty.Code));
        await upload.Complete((1, upload.ETag(1)));
        Assert.Equal("small", await server.Client.Text(bucket, "k"));
    }

    [Theory]
    [InlineData("CRC32", "FULL_OBJECT")]
    [InlineData("CRC32", "COMPOSITE")]
    [InlineData("SHA256", "COMPOSITE")]
    public async Task Checksums_of_the_whole(string algorithm, string type)
    {
        var bucket = await server.NewBucket();
        byte[] one = S3Assert.Random(Part, 4), two = S3Assert.Random(1000, 5);
        var upload = new Upload(server, bucket, "k") { Algorithm = ChecksumAlgorithm.FindValue(algorithm) };
        await upload.Start(request => request.ChecksumType = ChecksumType.FindValue(type));
        await upload.Put(1, one);
        await upload.Put(2, two);
        await upload.Complete();
        await server.Client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "plain",
            InputStream = new MemoryStream([.. one, .. two]),
            ChecksumAlgorithm = upload.Algorithm,
        });
        var header = "x-amz-checksum-" + algorithm.ToLowerInvariant();
        var whole = await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k", [("x-amz-checksum-mode", "ENABLED")]));
        var plain = await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/plain", [("x-amz-checksum-mode", "ENABLED")]));
        Assert.Equal(type, whole.Header("x-amz-checksum-type"));
        if (type == "FULL_OBJECT") Assert.Equal(plain.Header(header), whole.Header(header));
        else Assert.EndsWith("-2", whole.Header(header), StringComparison.Ordinal);
    }

    /// <summary>The SDK sends a CRC32 with each part whether or not the upload was begun with one.</summary>
    [Fact]
    public async Task Without_an_algorithm_the_whole_has_the_servers_own()
    {
        var bucket = await server.NewBucket();
        byte[] one = S3Assert.Random(Part, 6), two = S3Assert.Random(1000, 7);
        var start = await server.Raw(server.Signer.Head("POST", $"/{bucket}/k?uploads", [("content-length", "0")]));
        var id = start.Text.Split("<UploadId>")[1].Split('<')[0];
        var upload = new Upload(server, bucket, "k") { Id = id };
        await upload.Put(1, one);
        await upload.Put(2, two);
        await upload.Complete();
        byte[] all = [.. one, .. two];
        var plain = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/plain", [("content-length", $"{all.Length}")], RawSigner.Hash(all)), all);
        var whole = await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k", [("x-amz-checksum-mode", "ENABLED")]));
        Assert.NotNull(plain.Header("x-amz-checksum-crc64nvme"));
        Assert.Equal(plain.Header("x-amz-checksum-crc64nvme"), whole.Header("x-amz-checksum-crc64nvme"));
    }

    /// <summary>AWS's words; that the checks hold for every combination is MultipartAssemblyTests'.</summary>
    [Fact]
    public async Task A_composite_upload_is_completed_with_the_checksums_of_its_parts()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k") { Algorithm = ChecksumAlgorithm.SHA256 };
        await upload.Start();
        await upload.Put(1, "part"u8.ToArray());
        var etag = upload.ETag(1).Trim('"');
        var document = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>";
        var missing = await Send(bucket, upload.Id, document);
        Assert.Equal((400, "InvalidRequest"), (missing.Status, missing.Code));
        Assert.Contains("<Message>The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was "
            + "missing for part 1 in the request.</Message>", missing.Text, StringComparison.Ordinal);
        var type = await Send(bucket, upload.Id, document, ("x-amz-checksum-type", "FULL_OBJECT"));
        Assert.Equal((400, "InvalidRequest"), (type.Status, type.Code));
        Assert.Contains("created using the COMPOSITE checksum mode.", type.Text, StringComparison.Ordinal);
        var empty = await Send(bucket, upload.Id, "");
        Assert.Equal((400, "InvalidRequest"), (empty.Status, empty.Code));
        Assert.Contains("You must specify at least one part", empty.Text, StringComparison.Ordinal);
        var other = await Send(
            bucket, upload.Id, document.Replace("</ETag>", "</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32>", StringComparison.Ordinal));
        Assert.Equal((400, "BadDigest"), (other.Status, other.Code));
        Assert.Contains("The crc32 you specified for part 1 did not match what we received.", other.Text, StringComparison.Ordinal);
        await upload.Complete(request => request.ChecksumType = ChecksumType.COMPOSITE);
        // Only here a composite value stands without the number of its parts.
        var attributes = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?attributes", [("x-amz-object-attributes", "Checksum")]));
        Assert.Contains("=</ChecksumSHA256><ChecksumType>COMPOSITE</ChecksumType>", attributes.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5", "does not match")]
    [InlineData("-1", "less than zero")]
    [InlineData("four", "is invalid")]
    [InlineData("4", "")]
    public async Task The_size_that_the_client_expects(string size, string refusal)
    {
        var bucket = await server.NewBucket();
        var start = await server.Raw(server.Signer.Head("POST", $"/{bucket}/k?uploads", [("content-length", "0")]));
        var upload = new Upload(server, bucket, "k") { Id = start.Text.Split("<UploadId>")[1].Split('<')[0] };
        await upload.Put(1, "part"u8.ToArray());
        var etag = upload.ETag(1).Trim('"');
        var answer = await Send(bucket, upload.Id,
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>",
            ("x-amz-mp-object-size", size));
        if (refusal.Length == 0) Assert.Equal(200, answer.Status);
        else Assert.Equal((400, "InvalidRequest"), (answer.Status, answer.Code));
        Assert.Contains(refusal, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conditions_hold_for_complete_too()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "there");
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        await upload.Put(1, "new"u8.ToArray());
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => upload.Complete(request => request.IfNoneMatch = "*"));
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => upload.Complete(request => request.IfMatch = "\"0123\""));
        Assert.Equal("there", await server.Client.Text(bucket, "k"));
        var etag = (await server.Client.GetObjectMetadataAsync(bucket, "k")).ETag;
        await server.Client.DeleteObjectAsync(bucket, "k");
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => upload.Complete(request => request.IfMatch = etag));
        await S3Assert.Fails(HttpStatusCode.NotImplemented, "NotImplemented", () => upload.Complete(request => request.IfMatch = "*"));
        await server.Client.Put(bucket, "k", "there"); // the same ETag again, but after the upload had begun
        await S3Assert.Fails(HttpStatusCode.Conflict, "ConditionalRequestConflict", () => upload.Complete(request => request.IfMatch = etag));
        Assert.Equal("there", await server.Client.Text(bucket, "k"));

        upload = new Upload(server, bucket, "k");
        await upload.Start();
        await upload.Put(1, "new"u8.ToArray());
        await upload.Complete(request => request.IfMatch = etag);
        Assert.Equal("new", await server.Client.Text(bucket, "k"));
        await upload.Complete(request => request.IfMatch = etag); // a repetition answers the same, though the condition would not hold any more
    }

    [Fact]
    public async Task A_delete_marker_that_came_while_the_upload_was_under_way_is_a_conflict()
    {
        var bucket = await server.NewBucket();
        await server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        await server.Client.Put(bucket, "k", "there");
        var start = await server.Raw(server.Signer.Head("POST", $"/{bucket}/k?uploads", [("content-length", "0")]));
        var before = new Upload(server, bucket, "k") { Id = start.Text.Split("<UploadId>")[1].Split('<')[0] };
        await before.Put(1, "new"u8.ToArray());
        await server.Client.DeleteObjectAsync(bucket, "k");
        var part = $"<Part><PartNumber>1</PartNumber><ETag>{before.ETag(1).Trim('"')}</ETag></Part>";
        var late = await Send(bucket, before.Id, $"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>", ("if-none-match", "*"));
        Assert.Equal((409, "ConditionalRequestConflict"), (late.Status, late.Code));
        Assert.Contains("<Condition>If-None-Match</Condition><Key>k</Key>", late.Text, StringComparison.Ordinal);
        var after = new Upload(server, bucket, "k");
        await after.Start();
        await after.Put(1, "new"u8.ToArray());
        await after.Complete(request => request.IfNoneMatch = "*");
        Assert.Equal("new", await server.Client.Text(bucket, "k"));
        await before.Complete(); // without a condition nothing is asked
    }

    [Fact]
    public async Task A_condition_is_not_judged_for_a_stranger()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "there");
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        var answer = await server.Raw(server.AliceSigner.Head(
            "POST", $"/{bucket}/k?uploadId={upload.Id}", [("content-length", "0"), ("if-none-match", "*")]));
        Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Code));
    }

    /// <summary>Of many conditional uploads of a key one is completed; one that loses to an abort hears of a conflict, or that it is gone.</summary>
    [Fact]
    public async Task Races_of_complete_have_one_winner()
    {
        var bucket = await server.NewBucket();
        var uploads = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Begun("k")));
        var statuses = await Task.WhenAll(uploads.Select(upload => Status(() => upload.Complete(request => request.IfNoneMatch = "*"))));
        Assert.Single(statuses, status => status == HttpStatusCode.OK);
        Assert.All(statuses, status => Assert.Contains(
            status, new[] { HttpStatusCode.OK, HttpStatusCode.PreconditionFailed, HttpStatusCode.Conflict }));

        for (var i = 0; i < 8; i++)
        {
            var key = $"aborted-{i}";
            var upload = await Begun(key);
            var abort = Status(() => server.Client.AbortMultipartUploadAsync(bucket, key, upload.Id));
            var complete = await Status(() => upload.Complete(request => request.IfNoneMatch = "*"));
            Assert.Contains((complete, await abort), new[]
            {
                (HttpStatusCode.OK, HttpStatusCode.NotFound), (HttpStatusCode.Conflict, HttpStatusCode.NoContent),
                (HttpStatusCode.NotFound, HttpStatusCode.NoContent),
            });
            var keys = (await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = key })).S3Objects ?? [];
            Assert.Equal(complete == HttpStatusCode.OK ? 1 : 0, keys.Count);
        }

        async Task<Upload> Begun(string key)
        {
            var upload = new Upload(server, bucket, key);
            await upload.Start();
            await upload.Put(1, "part"u8.ToArray());
            return upload;
        }

        static async Task<HttpStatusCode> Status<T>(Func<Task<T>> call) where T : Amazon.Runtime.AmazonWebServiceResponse
        {
            try
            {
                return (await call()).HttpStatusCode;
            }
            catch (AmazonS3Exception e)
            {
                return e.StatusCode;
            }
        }
    }

    [Fact]
    public async Task The_part_that_is_wrong_is_named()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        await upload.Put(1, "small"u8.ToArray());
        await upload.Put(2, "last"u8.ToArray());
        var etag = upload.ETag(1).Trim('"');
        var wrong = await Send(bucket, upload.Id, Document((1, etag), (9, "0123")));
        Assert.Equal((400, "InvalidPart"), (wrong.Status, wrong.Code));
        Assert.Contains($"<UploadId>{upload.Id}</UploadId><PartNumber>9</PartNumber><ETag>0123</ETag>", wrong.Text, StringComparison.Ordinal);
        var small = await Send(bucket, upload.Id, Document((1, etag), (2, upload.ETag(2).Trim('"'))));
        Assert.Equal((400, "EntityTooSmall"), (small.Status, small.Code));
        Assert.Contains($"<ProposedSize>5</ProposedSize><MinSizeAllowed>5242880</MinSizeAllowed><PartNumber>1</PartNumber><ETag>{etag}</ETag>",
            small.Text, StringComparison.Ordinal);

        static string Document(params (int Number, string ETag)[] parts) => "<CompleteMultipartUpload>"
            + string.Concat(parts.Select(p => $"<Part><PartNumber>{p.Number}</PartNumber><ETag>{p.ETag}</ETag></Part>"))
            + "</CompleteMultipartUpload>";
    }

    Task<RawResponse> Send(string bucket, string upload, string document, params (string, string)[] headers)
    {
        var body = System.Text.Encoding.UTF8.GetBytes(document);
        return server.Raw(server.Signer.Head("POST", $"/{bucket}/k?uploadId={upload}", [("content-length", $"{body.Length}"), .. headers],
            RawSigner.Hash(body)), body);
    }
}
