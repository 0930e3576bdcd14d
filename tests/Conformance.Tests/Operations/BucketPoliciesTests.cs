using System.Net;
using System.Text;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>
/// Put, Get and DeleteBucketPolicy, GetBucketPolicyStatus, and what a policy does, with the root user, two other users and anonymous requests.
/// </summary>
[Collection(S3Tests.Name)]
public sealed class BucketPoliciesTests(S3Server server)
{
    [Fact]
    public async Task A_policy_comes_back_as_it_was_put_and_goes()
    {
        var bucket = await server.NewBucket();
        await HasNone(bucket);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucketPolicy",
            () => server.Client.GetBucketPolicyStatusAsync(new GetBucketPolicyStatusRequest { BucketName = bucket }));
        var policy = Policy(bucket, "s3:GetObject", "alice");
        await Put(bucket, policy);
        Assert.Equal(policy, (await server.Client.GetBucketPolicyAsync(Get(bucket))).Policy);
        var status = await server.Client.GetBucketPolicyStatusAsync(new GetBucketPolicyStatusRequest { BucketName = bucket });
        Assert.False(status.PolicyStatus.IsPublic);
        await server.Client.DeleteBucketPolicyAsync(new DeleteBucketPolicyRequest { BucketName = bucket });
        await server.Client.DeleteBucketPolicyAsync(new DeleteBucketPolicyRequest { BucketName = bucket });
        await HasNone(bucket);
    }

    [Fact]
    public async Task It_opens_what_it_names_to_whom_it_names_at_once()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAsync(bucket, "k"));
        await Put(bucket, Policy(bucket, "s3:GetObject", "arn:aws:iam:::user/alice"));
        Assert.Equal("x", await server.Alice.Text(bucket, "k"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Bob.GetObjectAsync(bucket, "k"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.Put(bucket, "k", "y"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.DeleteObjectAsync(bucket, "k"));
        await server.Client.DeleteBucketPolicyAsync(new DeleteBucketPolicyRequest { BucketName = bucket });
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAsync(bucket, "k"));
    }

    [Fact]
    public async Task A_deny_wins_even_over_the_owner_who_can_still_take_it_back()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await Put(bucket, $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]}]}""");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Client.GetObjectAsync(bucket, "k"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied",
            () => server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }));
        await server.Client.DeleteBucketPolicyAsync(new DeleteBucketPolicyRequest { BucketName = bucket });
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task A_policy_is_its_owners_only()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetBucketPolicyAsync(Get(bucket)));
        await Put(bucket, $$$$"""{"Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:*","Resource":"arn:aws:s3:::{{{{bucket}}}}"}}""");
        await S3Assert.Fails(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", () => server.Alice.GetBucketPolicyAsync(Get(bucket)));
        await S3Assert.Fails(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed",
            () => server.Alice.DeleteBucketPolicyAsync(new DeleteBucketPolicyRequest { BucketName = bucket }));
    }

    [Fact]
    public async Task Everybody_is_refused_by_the_block_and_let_in_without_it()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var open = Policy(bucket, "s3:GetObject", "*");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => Put(bucket, open));
        await server.Client.DeletePublicAccessBlockAsync(new DeletePublicAccessBlockRequest { BucketName = bucket });
        await Put(bucket, open);
        Assert.Equal((200, "x"), await Anonymous("GET", $"/{bucket}/k"));
        Assert.True((await server.Client.GetBucketPolicyStatusAsync(new GetBucketPolicyStatusRequest { BucketName = bucket })).PolicyStatus.IsPublic);
        await server.Client.PutPublicAccessBlockAsync(new PutPublicAccessBlockRequest
        {
            BucketName = bucket,
            PublicAccessBlockConfiguration = new PublicAccessBlockConfiguration { RestrictPublicBuckets = true },
        });
        Assert.Equal(403, (await Anonymous("GET", $"/{bucket}/k")).Status);
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAsync(bucket, "k"));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task An_anonymous_write_belongs_to_the_bucket_owner()
    {
        var bucket = await server.NewBucket();
        await server.Client.DeletePublicAccessBlockAsync(new DeletePublicAccessBlockRequest { BucketName = bucket });
        await Put(bucket, Policy(bucket, "s3:PutObject", "*"));
        var put = await server.Raw($"PUT /{bucket}/dropped HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 5\r\n\r\nhello");
        Assert.Equal(200, put.Status);
        Assert.Equal("hello", await server.Client.Text(bucket, "dropped"));
        var listed = await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, FetchOwner = true });
        Assert.Equal("root", listed.S3Objects.Single().Owner.Id);
        Assert.Equal(403, (await Anonymous("GET", $"/{bucket}/dropped")).Status);
    }

    [Theory]
    [InlineData("s3:prefix", "?prefix=public/", "?prefix=secret/", "public/")]
    [InlineData("s3:delimiter", "?delimiter=/", "", "/")]
    [InlineData("s3:max-keys", "?max-keys=10", "?max-keys=1000", "10")]
    public async Task Listing_conditions(string key, string allowed, string denied, string value)
    {
        var bucket = await server.NewBucket();
        await Put(bucket, $$$$"""{"Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::{{{{bucket}}}}","Condition":{"StringEquals":{"{{{{key}}}}":"{{{{value}}}}" } } } }""");
        Assert.Equal(200,
            (await server.Raw(server.AliceSigner.Head("GET", $"/{bucket}{allowed.Replace("/", "%2F", StringComparison.Ordinal)}"))).Status);
        Assert.Equal(403,
            (await server.Raw(server.AliceSigner.Head("GET", $"/{bucket}{denied.Replace("/", "%2F", StringComparison.Ordinal)}"))).Status);
    }

    [Fact]
    public async Task The_peer_counts_and_no_header_that_names_another()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        string From(string range) => $$$$"""{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{{{{bucket}}}}/*","Condition":{"IpAddress":{"aws:SourceIp":"{{{{range}}}}"} } } }""";
        await Put(bucket, From("127.0.0.0/8"));
        Assert.Equal(200, (await server.Raw(server.AnonymousHead("GET", $"/{bucket}/k", "X-Forwarded-For: 8.8.8.8"))).Status);
        await Put(bucket, From("8.8.8.8/32"));
        Assert.Equal(403, (await server.Raw(server.AnonymousHead("GET", $"/{bucket}/k", "X-Forwarded-For: 8.8.8.8"))).Status);
    }

    [Fact]
    public async Task Tags_of_the_file_decide()
    {
        var bucket = await server.NewBucket();
        foreach (var (key, tag) in new[] { ("open", "yes"), ("shut", "no") })
            await server.Client.PutObjectAsync(new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                ContentBody = key,
                TagSet = [new Tag { Key = "open", Value = tag }]
            });
        await Put(bucket, $$$$"""{"Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{{{{bucket}}}}/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/open":"yes"} } } }""");
        Assert.Equal("open", await server.Alice.Text(bucket, "open"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAsync(bucket, "shut"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAsync(bucket, "missing"));
    }

    [Fact]
    public async Task Writers_must_be_allowed_what_their_headers_ask()
    {
        var bucket = await server.NewBucket();
        await Put(bucket, Policy(bucket, "s3:PutObject", "alice"));
        await server.Alice.Put(bucket, "plain", "x");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "tagged", ContentBody = "x", TagSet = [new Tag { Key = "a", Value = "b" }] }));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "plain", ContentBody = "x", IfMatch = "\"0\"" }));
    }

    [Theory]
    [InlineData("[]", "Policies must be valid JSON and the first byte must be '{'")]
    [InlineData("{", "This policy contains invalid Json")]
    [InlineData("""{"Version":"2020-01-01","Statement":[]}""", "The policy must contain a valid version string")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}}""", "Missing required field Principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"nobody-here"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}}""", "Invalid principal in policy")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::another/*"}}""", "Policy has invalid resource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:Eat","Resource":"arn:aws:s3:::BUCKET/*"}}""", "Policy has invalid action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET"}}""", "Action does not apply to any resource(s) in statement")]
    public async Task A_malformed_policy_is_refused_with_its_fault(string policy, string message)
    {
        var bucket = await server.NewBucket();
        var error = await S3Assert.Fails(HttpStatusCode.BadRequest, "MalformedPolicy",
            () => Put(bucket, policy.Replace("BUCKET", bucket, StringComparison.Ordinal)));
        Assert.Equal(message, error.Message);
        await HasNone(bucket);
    }

    [Fact]
    public async Task A_policy_has_20_KB_at_most()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.BadRequest, "MalformedPolicy",
            () => Put(bucket, Policy(bucket, "s3:GetObject", "alice") + new string(' ', 20 * 1024)));
    }

    /// <summary>Without the SDK, which makes an empty answer of this error.</summary>
    async Task HasNone(string bucket)
    {
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}?policy"));
        Assert.Equal((404, "NoSuchBucketPolicy"), (answer.Status, answer.Code));
    }

    static GetBucketPolicyRequest Get(string bucket) => new() { BucketName = bucket };

    Task<PutBucketPolicyResponse> Put(string bucket, string policy) =>
        server.Client.PutBucketPolicyAsync(new PutBucketPolicyRequest { BucketName = bucket, Policy = policy });

    static string Policy(string bucket, string action, string user) =>
        $$$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"{{{user}}}"},"Action":"{{{action}}}","Resource":"arn:aws:s3:::{{{bucket}}}/*"}]}""";

    async Task<(int Status, string Text)> Anonymous(string method, string target)
    {
        var answer = await server.Raw(server.AnonymousHead(method, target));
        return (answer.Status, Encoding.UTF8.GetString(answer.Body));
    }
}
