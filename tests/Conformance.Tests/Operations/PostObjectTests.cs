using System.Net;
using System.Security.Cryptography;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class PostObjectTests(S3Server server)
{
    static readonly byte[] _small = "hello"u8.ToArray();

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(3_500_000)]
    public async Task What_a_form_uploads_is_what_is_got(int length)
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(length, length);
        var answer = await new PostForm(server, bucket).Send(content);
        Assert.Equal((204, ""), (answer.Status, answer.Text));
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"", answer.Header("ETag"));
        Assert.Equal($"{server.Endpoint}{bucket}/k", answer.Header("Location"));
        using var got = await server.Client.GetObjectAsync(bucket, "k");
        S3Assert.Same(content, await got.Bytes());
    }

    [Fact]
    public async Task Fields_say_what_a_puts_headers_say()
    {
        var bucket = await server.NewBucket();
        var form = new PostForm(server, bucket) { FileName = "dir\\photo ü.png" }.With("key", "up/${filename}", covered: false)
            .With("Content-Type", "text/plain").With("Cache-Control", "max-age=5").With("x-amz-meta-colour", "blue").With("acl", "private")
            .With("x-ignore-this", "whatever", covered: false);
        form.AfterFile = "\r\nContent-Disposition: form-data; name=\"acl\"\r\n\r\nnonsense\r\n--edge";
        Assert.Equal(204, (await form.Send(_small)).Status);
        var head = await server.Client.GetObjectMetadataAsync(bucket, "up/photo ü.png");
        Assert.Equal(("text/plain", "max-age=5", "blue"), (head.Headers.ContentType, head.Headers.CacheControl, head.Metadata["colour"]));
    }

    [Fact]
    public async Task The_form_chooses_how_it_is_answered()
    {
        var bucket = await server.NewBucket();
        var md5 = Convert.ToHexStringLower(MD5.HashData(_small));
        var ok = await new PostForm(server, bucket).With("success_action_status", "200").Send(_small);
        Assert.Equal((200, ""), (ok.Status, ok.Text));
        var created = await new PostForm(server, bucket).With("success_action_status", "201").Send(_small);
        Assert.Equal(201, created.Status);
        Assert.Contains($"<PostResponse><Location>{server.Endpoint}{bucket}/k</Location><Bucket>{bucket}</Bucket><Key>k</Key>",
            created.Text, StringComparison.Ordinal);
        Assert.Equal(204, (await new PostForm(server, bucket).With("success_action_status", "404").Send(_small)).Status);
        var redirected = await new PostForm(server, bucket).With("success_action_redirect", "http://example.com/done").Send(_small);
        Assert.Equal((303, $"http://example.com/done?bucket={bucket}&key=k&etag=%22{md5}%22"), (redirected.Status, redirected.Header("Location")));
        Assert.Equal(204, (await new PostForm(server, bucket).With("success_action_redirect", "javascript:alert(1)").Send(_small)).Status);
    }

    [Fact]
    public async Task The_policy_bounds_the_length()
    {
        var bucket = await server.NewBucket();
        var form = new PostForm(server, bucket);
        form.Conditions.Add("[\"content-length-range\", 5, 6]");
        await Refused(bucket, form, 400, "EntityTooSmall", "1234"u8.ToArray());
        await Refused(bucket, form, 400, "EntityTooLarge", "1234567"u8.ToArray());
        Assert.Equal(204, (await form.Send("123456"u8.ToArray())).Status);
        form.Fields[0] = ("key", "big");
        await Refused(bucket, form, 400, "EntityTooLarge", new byte[2_000_000]);
    }

    [Fact]
    public async Task What_the_policy_does_not_allow_is_refused()
    {
        var bucket = await server.NewBucket();
        var other = await server.NewBucket();
        await Refused(bucket, new PostForm(server, bucket) { Expiration = DateTimeOffset.UtcNow.AddSeconds(-1) }, 403, "AccessDenied");
        await Refused(bucket, new PostForm(server, bucket).With("x-amz-meta-a", "b", covered: false), 403, "AccessDenied");
        await Refused(bucket, new PostForm(server, bucket).With("acl", "private").With("acl", "public-read", covered: false), 403, "AccessDenied");
        await Refused(other, new PostForm(server, bucket) { Path = $"/{other}" }, 403, "AccessDenied");
        var form = new PostForm(server, bucket);
        form.Conditions.Add("{}");
        await Refused(bucket, form, 400, "InvalidPolicyDocument");
    }

    [Fact]
    public async Task A_wrong_signature_is_refused()
    {
        var bucket = await server.NewBucket();
        await Refused(bucket, new PostForm(server, bucket) { Secret = "wrong" }, 403, "SignatureDoesNotMatch");
        await Refused(bucket, new PostForm(server, bucket) { AccessKey = "NOSUCHKEY" }, 403, "InvalidAccessKeyId");
        await Refused(bucket, new PostForm(server, bucket) { IsSigned = false }, 403, "AccessDenied");
        await Refused(bucket, new PostForm(server, bucket) { IsSigned = false }.With("policy", "e30="), 400, "InvalidArgument");
        var alice = new PostForm(server, bucket) { AccessKey = S3Server.AliceKey, Secret = "alice-secret-alice-secret-alice-secret" };
        await Refused(bucket, alice, 403, "AccessDenied");
        var signedTwice = await server.Raw(server.Signer.Head(
            "POST", $"/{bucket}", [("content-length", "0"), ("content-type", "multipart/form-data; boundary=b")]));
        Assert.Equal((400, "InvalidArgument"), (signedTwice.Status, signedTwice.Code));
    }

    [Fact]
    public async Task A_broken_form_is_refused()
    {
        var bucket = await server.NewBucket();
        var form = new PostForm(server, bucket);
        form.Fields.Clear();
        await Refused(bucket, form, 400, "InvalidArgument");
        await Refused(bucket, new PostForm(server, bucket).With("x-amz-meta-big", new string('m', 21_000)), 400, "MaxPostPreDataLengthExceededError");
        await Refused(bucket, new PostForm(server, bucket).With("key", new string('k', 1025), covered: false), 400, "KeyTooLongError");
        await Refused(bucket, new PostForm(server, bucket).With("x-amz-server-side-encryption-customer-algorithm", "AES256"), 400, "InvalidArgument");
        var json = await server.Raw(
            $"POST /{bucket} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n", "{}"u8.ToArray());
        Assert.Equal((412, "PreconditionFailed"), (json.Status, json.Code));
        var unsized = await server.Raw($"POST /{bucket} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n");
        Assert.Equal((411, "MissingContentLength"), (unsized.Status, unsized.Code));
    }

    [Fact]
    public async Task Checksums_are_verified_before_anything_is_visible()
    {
        var bucket = await server.NewBucket();
        await Refused(bucket, new PostForm(server, bucket).With("x-amz-checksum-crc32", "AAAAAA=="), 400, "BadDigest", "123456789"u8.ToArray());
        var answer = await new PostForm(server, bucket).With("x-amz-checksum-crc32", "y/Q5Jg==").Send("123456789"u8.ToArray());
        Assert.Equal((204, "y/Q5Jg=="), (answer.Status, answer.Header("x-amz-checksum-crc32")));
    }

    async Task Refused(string bucket, PostForm form, int status, string code, byte[]? file = null)
    {
        var answer = await form.Send(file ?? _small);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        var key = form.Fields.FirstOrDefault(field => field.Name == "key").Value;
        if (key is { Length: <= 1024 }) await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, key));
    }
}
