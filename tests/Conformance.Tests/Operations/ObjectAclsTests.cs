using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using static OrleansDfs.Conformance.Tests.Operations.AclBuckets;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>
/// Get and PutObjectAcl, the ACL headers of everything that makes an object, and what an object's owner and its bucket's owner may do.
/// </summary>
[Collection(S3Tests.Name)]
public sealed class ObjectAclsTests(S3Server server)
{
    public static TheoryData<string, string[]> Canned => new()
    {
        { "private", ["bob FULL_CONTROL"] },
        { "public-read", ["bob FULL_CONTROL", "AllUsers READ"] },
        { "public-read-write", ["bob FULL_CONTROL", "AllUsers READ", "AllUsers WRITE"] },
        { "authenticated-read", ["bob FULL_CONTROL", "AuthenticatedUsers READ"] },
        { "aws-exec-read", ["bob FULL_CONTROL", "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c READ"] },
        { "bucket-owner-read", ["bob FULL_CONTROL", "alice READ"] },
        { "bucket-owner-full-control", ["bob FULL_CONTROL", "alice FULL_CONTROL"] },
    };

    [Theory]
    [MemberData(nameof(Canned))]
    public async Task A_canned_acl_comes_with_the_object_or_later(string acl, string[] grants)
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicReadWrite);
        await server.Bob.PutWith(bucket, "with", new S3CannedACL(acl));
        Assert.Equal(grants, await server.Bob.ObjectGrants(bucket, "with"));
        await server.Bob.Put(bucket, "later", "x");
        Assert.Equal(["bob FULL_CONTROL"], await server.Bob.ObjectGrants(bucket, "later"));
        await server.Bob.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "later", ACL = new S3CannedACL(acl) });
        Assert.Equal(grants, await server.Bob.ObjectGrants(bucket, "later"));
        Assert.Equal("x", await server.Bob.Text(bucket, "later"));
    }

    [Fact]
    public async Task Each_grant_opens_what_it_names_at_once()
    {
        var bucket = await server.NewAclBucket();
        await server.Alice.Put(bucket, "k", "x");
        await Refused(Get, () => server.Bob.ObjectGrants(bucket, "k"), Share);
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}/k"));
        await Grant("READ");
        await Get();
        await server.Bob.GetObjectMetadataAsync(bucket, "k");
        await Refused(() => server.Bob.ObjectGrants(bucket, "k"), Share, () => server.Bob.Put(bucket, "k", "y"),
            () => server.Bob.DeleteObjectAsync(bucket, "k"));
        await Grant("READ_ACP");
        Assert.Equal(["alice FULL_CONTROL", "bob READ_ACP"], await server.Bob.ObjectGrants(bucket, "k"));
        await Refused(Get, Share);
        await Grant("WRITE_ACP");
        await Refused(Get);
        await Share(); // who may write the list may open it to everybody
        Assert.Equal(200, await server.Anonymously("GET", $"/{bucket}/k"));
        await server.Alice.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = S3CannedACL.AuthenticatedRead });
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}/k"));
        await Get();
        await server.Alice.PutPublicAccessBlockAsync(new PutPublicAccessBlockRequest
        {
            BucketName = bucket,
            PublicAccessBlockConfiguration = new PublicAccessBlockConfiguration { IgnorePublicAcls = true },
        });
        await Refused(Get);
        Assert.Equal("x", await server.Alice.Text(bucket, "k"));

        Task Get() => server.Bob.Text(bucket, "k");
        Task Share() => server.Bob.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = S3CannedACL.PublicRead });
        async Task Grant(string permission) => Assert.Equal(200, (await server.PutAcl($"/{bucket}/k?acl", Document("alice",
            AclBuckets.Grant("CanonicalUser", "<ID>alice</ID>", "FULL_CONTROL"),
                AclBuckets.Grant("CanonicalUser", "<ID>bob</ID>", permission)))).Status);
    }

    [Fact]
    public async Task Who_writes_owns_and_the_buckets_owner_reads_what_it_is_granted_and_deletes()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicReadWrite);
        await server.Bob.Put(bucket, "his", "x");
        await Refused(
            () => server.Alice.GetObjectAsync(bucket, "his"), () => server.Alice.GetObjectMetadataAsync(bucket, "his"),
            () => server.Alice.ObjectGrants(bucket, "his"),
            () => server.Alice.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "his", ACL = S3CannedACL.PublicRead }),
            () => server.Alice.CopyObjectAsync(bucket, "his", bucket, "mine"));
        await server.Alice.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = bucket,
            Policy = $$$"""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{{bucket}}}/*"}}""",
        });
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}/his")); // a policy opens what is the bucket owner's
        await server.Alice.Put(bucket, "hers", "y");
        Assert.Equal(200, await server.Anonymously("GET", $"/{bucket}/hers"));
        Assert.Equal("x", await server.Client.Text(bucket, "his")); // root
        await server.Bob.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "his", ACL = S3CannedACL.BucketOwnerRead });
        Assert.Equal("x", await server.Alice.Text(bucket, "his"));
        await server.Alice.DeleteObjectAsync(bucket, "his");
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Bob.GetObjectAsync(bucket, "his"));
        var listed = await server.Alice.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, FetchOwner = true });
        Assert.Equal("alice", listed.S3Objects.Single().Owner.Id);
    }

    [Fact]
    public async Task With_BucketOwnerPreferred_full_control_hands_the_object_over()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicReadWrite, "BucketOwnerPreferred");
        await server.Bob.PutWith(bucket, "given", S3CannedACL.BucketOwnerFullControl);
        await server.Bob.PutWith(bucket, "kept", S3CannedACL.Private);
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.ObjectGrants(bucket, "given"));
        await Refused(() => server.Bob.GetObjectAsync(bucket, "given"), () => server.Alice.GetObjectAsync(bucket, "kept"));
    }

    [Fact]
    public async Task With_acls_off_everything_is_the_bucket_owners()
    {
        var bucket = await server.NewAclBucket(ownership: "BucketOwnerEnforced");
        await server.Alice.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = bucket,
            Policy = $$$"""{"Statement":{"Effect":"Allow","Principal":{"AWS":"bob"},"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::{{{bucket}}}/*"}}""",
        });
        await server.Bob.PutWith(bucket, "k", S3CannedACL.BucketOwnerFullControl);
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.ObjectGrants(bucket, "k"));
        await Refused(() => server.Bob.GetObjectAsync(bucket, "k"));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "AccessControlListNotSupported",
            () => server.Bob.PutWith(bucket, "k", S3CannedACL.PublicRead));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "AccessControlListNotSupported",
            () => server.Alice.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = S3CannedACL.PublicRead }));
        await server.Alice.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = S3CannedACL.BucketOwnerFullControl });
        var grant = await server.Raw(server.AliceSigner.Head("PUT", $"/{bucket}/n", [("x-amz-grant-read", "id=bob"), ("content-length", "0")]));
        Assert.Equal((400, "AccessControlListNotSupported"), (grant.Status, grant.Code));
    }

    [Fact]
    public async Task An_acl_is_a_versions_own()
    {
        var bucket = await server.NewAclBucket();
        await server.Alice.PutBucketVersioningAsync(new PutBucketVersioningRequest
        { BucketName = bucket, VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled } });
        var first = (await server.Alice.Put(bucket, "k", "1")).VersionId;
        var second = (await server.Alice.Put(bucket, "k", "2")).VersionId;
        var answer = await server.Raw(server.AliceSigner.Head("PUT", $"/{bucket}/k?acl&versionId={first}", [("x-amz-acl", "public-read")]));
        Assert.Equal((200, first), (answer.Status, answer.Header("x-amz-version-id")));
        Assert.Equal(200, await server.Anonymously("GET", $"/{bucket}/k?versionId={first}"));
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}/k?versionId={second}"));
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}/k"));
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.ObjectGrants(bucket, "k", second));
        Assert.Equal(["alice FULL_CONTROL", "AllUsers READ"], await server.Alice.ObjectGrants(bucket, "k", first));
        await server.Alice.DeleteObjectAsync(bucket, "k");
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Alice.ObjectGrants(bucket, "k"));
        Assert.Equal(200, await server.Anonymously("GET", $"/{bucket}/k?versionId={first}"));
        var marker = (await server.Alice.ListVersionsAsync(bucket)).Versions.Single(v => v.IsDeleteMarker == true).VersionId;
        await S3Assert.Fails(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", () => server.Alice.ObjectGrants(bucket, "k", marker));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Alice.ObjectGrants(bucket, "none"));
        await Refused(() => server.Bob.ObjectGrants(bucket, "none"), () => server.Bob.GetObjectAsync(bucket, "none"));
    }

    [Fact]
    public async Task Copies_and_uploads_take_their_own_acl()
    {
        var bucket = await server.NewAclBucket();
        await server.Alice.PutWith(bucket, "source", S3CannedACL.PublicRead);
        await server.Alice.CopyObjectAsync(bucket, "source", bucket, "plain");
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.ObjectGrants(bucket, "plain"));
        await server.Alice.CopyObjectAsync(new CopyObjectRequest
        {
            SourceBucket = bucket,
            SourceKey = "source",
            DestinationBucket = bucket,
            DestinationKey = "copy",
            CannedACL = S3CannedACL.AuthenticatedRead
        });
        Assert.Equal(["alice FULL_CONTROL", "AuthenticatedUsers READ"], await server.Alice.ObjectGrants(bucket, "copy"));
        var upload = await server.Alice.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = bucket, Key = "large", CannedACL = S3CannedACL.PublicRead });
        var part = await server.Alice.UploadPartAsync(new UploadPartRequest
        { BucketName = bucket, Key = "large", UploadId = upload.UploadId, PartNumber = 1, InputStream = new MemoryStream([1, 2, 3]) });
        await server.Alice.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        { BucketName = bucket, Key = "large", UploadId = upload.UploadId, PartETags = [new PartETag(1, part.ETag)] });
        Assert.Equal(["alice FULL_CONTROL", "AllUsers READ"], await server.Alice.ObjectGrants(bucket, "large"));
        Assert.Equal(200, await server.Anonymously("GET", $"/{bucket}/large"));
        var granted = await server.Raw(server.AliceSigner.Head("PUT", $"/{bucket}/granted",
            [("x-amz-grant-read", "id=bob, id=alice"), ("x-amz-grant-write", "id=bob"), ("content-length", "0")]));
        Assert.Equal(200, granted.Status);
        Assert.Equal(["bob READ", "alice READ", "bob WRITE"], await server.Alice.ObjectGrants(bucket, "granted"));
    }

    [Fact]
    public async Task Uploads_of_others_stay_closed_to_who_may_only_write()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicReadWrite);
        var hers = (await server.Alice.InitiateMultipartUploadAsync(bucket, "k")).UploadId;
        await Refused(
            () => server.Bob.ListPartsAsync(bucket, "k", hers), () => server.Bob.AbortMultipartUploadAsync(bucket, "k", hers),
            () => server.Bob.UploadPartAsync(new UploadPartRequest
            { BucketName = bucket, Key = "k", UploadId = hers, PartNumber = 1, InputStream = new MemoryStream([1]) }),
            () => server.Bob.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            { BucketName = bucket, Key = "k", UploadId = hers, PartETags = [new PartETag(1, "\"0\"")] }));
        var his = (await server.Bob.InitiateMultipartUploadAsync(bucket, "k")).UploadId;
        await server.Bob.ListPartsAsync(bucket, "k", his);
        await server.Alice.ListPartsAsync(bucket, "k", his);
        await server.Bob.AbortMultipartUploadAsync(bucket, "k", his);
        await server.Alice.AbortMultipartUploadAsync(bucket, "k", hers);
    }

    [Theory]
    [InlineData("MalformedACLError", "<AccessControlPolicy/>")]
    [InlineData("UnexpectedContent", "<AccessControlPolicy/>", "x-amz-acl: private")]
    [InlineData("InvalidRequest", "", "x-amz-acl: private", "x-amz-grant-read: id=bob")]
    [InlineData("MissingSecurityHeader", "")]
    [InlineData("InvalidArgument", "", "x-amz-acl: log-delivery-write")]
    [InlineData("InvalidArgument", "", "x-amz-grant-read: id=nobody-here")]
    public async Task What_PutObjectAcl_cannot_do_is_named(string code, string document, params string[] headers)
    {
        var bucket = await server.NewAclBucket();
        await server.Alice.Put(bucket, "k", "x");
        var lines = headers.Select(h => h.Split(": ")).Select(h => (h[0], h[1])).ToArray();
        var answer = await server.PutAcl($"/{bucket}/k?acl", document, lines);
        Assert.Equal((400, code), (answer.Status, answer.Code));
        var owner = await server.PutAcl($"/{bucket}/k?acl", Document("bob"));
        Assert.Equal((403, "AccessDenied"), (owner.Status, owner.Code));
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.ObjectGrants(bucket, "k"));
    }

    [Fact]
    public async Task Conditions_of_a_policy_see_the_acl_that_is_asked_for()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicReadWrite);
        await server.Alice.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = bucket,
            Policy = $$$"""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::{{{bucket}}}/*","Condition":{"StringLike":{"s3:x-amz-acl":"public*"} } } }""",
        });
        await server.Bob.PutWith(bucket, "k", S3CannedACL.BucketOwnerRead);
        await Refused(() => server.Bob.PutWith(bucket, "k", S3CannedACL.PublicRead));
    }

    static async Task Refused(params Func<Task>[] calls)
    {
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAnyAsync<AmazonS3Exception>(call);
            Assert.Equal(HttpStatusCode.Forbidden, error.StatusCode); // HEAD has no code
        }
    }
}
