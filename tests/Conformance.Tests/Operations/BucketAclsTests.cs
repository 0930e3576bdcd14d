using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using static OrleansDfs.Conformance.Tests.Operations.AclBuckets;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Get and PutBucketAcl, the ACL headers of CreateBucket, object ownership and the public access block.</summary>
[Collection(S3Tests.Name)]
public sealed class BucketAclsTests(S3Server server)
{
    public static TheoryData<string, string[]> Canned => new()
    {
        { "private", ["alice FULL_CONTROL"] },
        { "public-read", ["alice FULL_CONTROL", "AllUsers READ"] },
        { "public-read-write", ["alice FULL_CONTROL", "AllUsers READ", "AllUsers WRITE"] },
        { "authenticated-read", ["alice FULL_CONTROL", "AuthenticatedUsers READ"] },
        { "bucket-owner-read", ["alice FULL_CONTROL"] },
        { "bucket-owner-full-control", ["alice FULL_CONTROL"] },
        { "log-delivery-write", ["alice FULL_CONTROL", "LogDelivery WRITE", "LogDelivery READ_ACP"] },
    };

    [Theory]
    [MemberData(nameof(Canned))]
    public async Task A_canned_acl_is_shown_as_what_it_grants(string acl, string[] grants)
    {
        var bucket = await server.NewAclBucket(new S3CannedACL(acl));
        Assert.Equal(grants, await server.Alice.BucketGrants(bucket));
    }

    [Fact]
    public async Task What_was_got_can_be_put_and_every_grantee_is_resolved()
    {
        var bucket = await server.NewAclBucket();
        await Put(bucket, grants:
        [
            User("alice", S3Permission.FULL_CONTROL), User("bob", S3Permission.READ_ACP),
            new S3Grant { Grantee = new S3Grantee { EmailAddress = "BOB@example.com" }, Permission = S3Permission.WRITE },
            new S3Grant { Grantee = new S3Grantee { URI = Everybody }, Permission = S3Permission.READ },
        ]);
        string[] expected = ["alice FULL_CONTROL", "bob READ_ACP", "bob WRITE", "AllUsers READ"];
        Assert.Equal(expected, await server.Alice.BucketGrants(bucket));
        var got = await server.Alice.GetBucketAclAsync(new GetBucketAclRequest { BucketName = bucket });
        Assert.Equal(("alice", "alice"), (got.Owner.Id, got.Owner.DisplayName));
        await Put(bucket, got.Grants!);
        Assert.Equal(expected, await server.Alice.BucketGrants(bucket));
    }

    [Fact]
    public async Task Grant_headers_make_the_exact_list()
    {
        var bucket = await server.NewAclBucket();
        var answer = await server.Raw(server.AliceSigner.Head("PUT", $"/{bucket}?acl",
            [("x-amz-grant-read", $"uri=\"{Everybody}\", emailAddress=\"bob@example.com\""), ("x-amz-grant-full-control", "id=\"bob\"")]));
        Assert.Equal(200, answer.Status);
        // the owner can read it without a grant
        Assert.Equal(["bob FULL_CONTROL", "AllUsers READ", "bob READ"], await server.Alice.BucketGrants(bucket));
    }

    [Fact]
    public async Task Each_grant_opens_what_it_names()
    {
        var bucket = await server.NewAclBucket();
        await server.Alice.Put(bucket, "k", "x");
        await None();
        await Put(bucket, User("bob", S3Permission.READ));
        await server.Bob.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket });
        await server.Bob.ListVersionsAsync(bucket);
        await server.Bob.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket });
        Assert.Equal(200, (await server.Raw(Head("HEAD", ""))).Status);
        await Refused(() => server.Bob.Put(bucket, "n", "y"), () => server.Bob.BucketGrants(bucket), () => server.Bob.GetObjectAsync(bucket, "k"));
        await Put(bucket, User("bob", S3Permission.WRITE));
        await server.Bob.Put(bucket, "n", "y");
        await server.Bob.Put(bucket, "k", "over");
        await server.Bob.DeleteObjectAsync(bucket, "k");
        await server.Bob.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = bucket, Objects = [new KeyVersion { Key = "n" }] });
        await Refused(() => server.Bob.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }), () => server.Bob.BucketGrants(bucket));
        await Put(bucket, User("bob", S3Permission.READ_ACP));
        Assert.Equal(["alice FULL_CONTROL", "bob READ_ACP"], await server.Bob.BucketGrants(bucket));
        await Refused(() => Private(server.Bob), () => server.Bob.Put(bucket, "n", "y"));
        await Put(bucket, User("bob", S3Permission.WRITE_ACP));
        await Private(server.Bob);
        await None();
        await Put(bucket, User("bob", S3Permission.FULL_CONTROL));
        await Refused( // what no ACL can grant
            () => server.Bob.DeleteBucketAsync(bucket), () =>
                server.Bob.GetBucketPolicyAsync(bucket), () => server.Bob.GetBucketVersioningAsync(bucket),
            () => server.Bob.PutBucketVersioningAsync(new PutBucketVersioningRequest
            {
                BucketName = bucket,
                VersioningConfig = new() { Status = "Enabled" }
            }));

        async Task None() => await Refused(
            () => server.Bob.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }), () => server.Bob.Put(bucket, "n", "y"),
            () => server.Bob.DeleteObjectAsync(bucket, "k"), () => server.Bob.BucketGrants(bucket), () => Private(server.Bob));
        Task Private(IAmazonS3 s3) => s3.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = S3CannedACL.Private });
        string Head(string method, string query) => server.BobSigner.Head(method, $"/{bucket}{query}");
        Task Put(string to, S3Grant grant) => this.Put(to, [User("alice", S3Permission.FULL_CONTROL), grant]);
    }

    [Fact]
    public async Task Anonymous_requests_have_what_everybody_has()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicReadWrite);
        Assert.Equal(200, await server.Anonymously("GET", $"/{bucket}"));
        Assert.Equal(200, await server.Anonymously("PUT", $"/{bucket}/dropped"));
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}?acl"));
        Assert.Equal(403, await server.Anonymously("POST", $"/{bucket}/large?uploads"));
        var owner = (await server.Alice.ListObjectsV2Async(new ListObjectsV2Request
        {
            BucketName = bucket,
            FetchOwner = true
        })).S3Objects.Single().Owner.Id;
        Assert.Equal("65a011a29cdf8ec533ec3d1ccaae921c", owner);
        await Refused(() => server.Alice.GetObjectAsync(bucket, "dropped"));
        await server.Alice.PutPublicAccessBlockAsync(new PutPublicAccessBlockRequest
        {
            BucketName = bucket,
            PublicAccessBlockConfiguration = new PublicAccessBlockConfiguration { IgnorePublicAcls = true },
        });
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}"));
        Assert.Equal(403, await server.Anonymously("PUT", $"/{bucket}/dropped"));
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}/dropped"));
        await Refused(() => server.Bob.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }));
        Assert.Equal(3, (await server.Alice.BucketGrants(bucket)).Length); // ignored is not forgotten
    }

    [Fact]
    public async Task A_policys_deny_wins_over_a_grant()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicRead);
        await server.Bob.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket });
        await server.Alice.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = bucket,
            Policy = $$$"""{"Statement":{"Effect":"Deny","Principal":{"AWS":"bob"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::{{{bucket}}}"}}""",
        });
        await Refused(() => server.Bob.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }));
        Assert.Equal(200, await server.Anonymously("GET", $"/{bucket}"));
    }

    [Fact]
    public async Task An_owner_without_grants_keeps_the_acl_and_nothing_that_it_gives()
    {
        var bucket = await server.NewAclBucket();
        await server.Alice.Put(bucket, "k", "x");
        Assert.Equal(200, (await server.PutAcl($"/{bucket}?acl", Document("alice"))).Status);
        Assert.Equal("x", await server.Alice.Text(bucket, "k"));
        await Refused(() => server.Alice.Put(bucket, "n", "y"),
            () => server.Alice.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }));
        Assert.Empty(await server.Alice.BucketGrants(bucket));
        await server.Client.Put(bucket, "n", "root acts in the buckets of others");
        await server.Alice.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = S3CannedACL.Private });
        await server.Alice.Put(bucket, "n", "y");
    }

    [Theory]
    [InlineData("UnexpectedContent", 400, "x-amz-acl: private", true)]
    [InlineData("UnexpectedContent", 400, "x-amz-grant-read: id=bob", true)]
    [InlineData("InvalidRequest", 400, "x-amz-acl: private|x-amz-grant-read: id=bob", false)]
    [InlineData("MissingSecurityHeader", 400, "", false)]
    [InlineData("InvalidArgument", 400, "x-amz-acl: everything", false)]
    [InlineData("InvalidArgument", 400, "x-amz-grant-read: bob", false)]
    [InlineData("InvalidArgument", 400, "x-amz-grant-read: id=nobody-here", false)]
    [InlineData("InvalidArgument", 400, "x-amz-grant-read: uri=http://example.com/all", false)]
    [InlineData("UnresolvableGrantByEmailAddress", 400, "x-amz-grant-write: emailAddress=nobody@example.com", false)]
    public async Task Exactly_one_way_and_grantees_that_exist(string code, int status, string headers, bool withBody)
    {
        var bucket = await server.NewAclBucket();
        var lines = headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(h => h.Split(": ")).Select(h => (h[0], h[1])).ToArray();
        var answer = await server.PutAcl($"/{bucket}?acl", withBody ? Document("alice") : "", lines);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.BucketGrants(bucket));
    }

    public static TheoryData<string, string> BadDocuments => new()
    {
        { "MalformedACLError", "<AccessControlPolicy>" },
        { "MalformedACLError", "<AccessControlPolicy><AccessControlList/></AccessControlPolicy>" },
        { "MalformedACLError", Document("alice", Grant("CanonicalUser", "<ID>bob</ID>", "OWN")) },
        { "MalformedACLError", Document("alice", Grant("Robot", "<ID>bob</ID>", "READ")) },
        { "MalformedACLError", Document("alice", [.. Enumerable.Repeat(Grant("CanonicalUser", "<ID>bob</ID>", "READ"), 101)]) },
        { "InvalidArgument", Document("alice", Grant("CanonicalUser", "<ID>nobody-here</ID>", "READ")) },
        { "InvalidArgument", Document("alice", Grant("Group", "<URI>http://example.com/all</URI>", "READ")) },
        { "UnresolvableGrantByEmailAddress",
            Document("alice", Grant("AmazonCustomerByEmail", "<EmailAddress>no@example.com</EmailAddress>", "READ")) },
        { "AccessDenied", Document("bob", Grant("CanonicalUser", "<ID>bob</ID>", "READ")) },
    };

    [Theory]
    [MemberData(nameof(BadDocuments))]
    public async Task A_bad_document_changes_nothing(string code, string document)
    {
        var bucket = await server.NewAclBucket();
        var answer = await server.PutAcl($"/{bucket}?acl", document);
        Assert.Equal((code == "AccessDenied" ? 403 : 400, code), (answer.Status, answer.Code));
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.BucketGrants(bucket));
    }

    [Fact]
    public async Task With_acls_off_only_what_holds_anyway_can_be_said()
    {
        var bucket = "test-acl-" + Guid.NewGuid().ToString("N")[..20];
        await server.Alice.PutBucketAsync(bucket);
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.BucketGrants(bucket));
        foreach (var acl in new[] { "public-read", "authenticated-read", "log-delivery-write" })
            await S3Assert.Fails(HttpStatusCode.BadRequest, "AccessControlListNotSupported",
                () => server.Alice.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = new S3CannedACL(acl) }));
        await server.Alice.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = S3CannedACL.Private });
        Assert.Equal(200,
            (await server.PutAcl($"/{bucket}?acl", Document("alice", Grant("CanonicalUser", "<ID>alice</ID>", "FULL_CONTROL")))).Status);
        var others = await server.PutAcl($"/{bucket}?acl", Document("alice", Grant("CanonicalUser", "<ID>bob</ID>", "READ")));
        Assert.Equal((400, "AccessControlListNotSupported"), (others.Status, others.Code));
    }

    [Fact]
    public async Task Acls_are_not_turned_off_while_others_have_something()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicRead);
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidBucketAclWithObjectOwnership", Enforce);
        await server.Alice.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = S3CannedACL.Private });
        await Enforce();

        Task Enforce() => server.Alice.PutBucketOwnershipControlsAsync(new PutBucketOwnershipControlsRequest
        {
            BucketName = bucket,
            OwnershipControls =
                new OwnershipControls { Rules = [new OwnershipControlsRule { ObjectOwnership = ObjectOwnership.BucketOwnerEnforced }] },
        });
    }

    /// <summary>AWS: without ownership controls a bucket is as it was before there were any, ObjectWriter.</summary>
    [Fact]
    public async Task Without_ownership_controls_acls_are_on()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(
            HttpStatusCode.BadRequest, "AccessControlListNotSupported", () => server.Client.PutWith(bucket, "k", S3CannedACL.AuthenticatedRead));
        await server.Client.DeletePublicAccessBlockAsync(new DeletePublicAccessBlockRequest { BucketName = bucket });
        for (var twice = 0; twice < 2; twice++)
        {
            await server.Client.DeleteBucketOwnershipControlsAsync(new DeleteBucketOwnershipControlsRequest { BucketName = bucket });
            await S3Assert.Fails(HttpStatusCode.NotFound, "OwnershipControlsNotFoundError",
                () => server.Client.GetBucketOwnershipControlsAsync(new GetBucketOwnershipControlsRequest { BucketName = bucket }));
            await server.Client.PutWith(bucket, "k", S3CannedACL.AuthenticatedRead);
        }
        Assert.Equal("k", await server.Bob.Text(bucket, "k"));
    }

    [Theory]
    [InlineData("x-amz-acl: public-read", "InvalidBucketAclWithObjectOwnership")]
    [InlineData("x-amz-grant-read: id=bob", "InvalidBucketAclWithObjectOwnership")]
    [InlineData("x-amz-acl: public-read|x-amz-object-ownership: ObjectWriter", "InvalidBucketAclWithBlockPublicAccessError")]
    [InlineData("x-amz-grant-read: id=nobody-here|x-amz-object-ownership: ObjectWriter", "InvalidArgument")]
    [InlineData("x-amz-acl: private|x-amz-grant-read: id=bob|x-amz-object-ownership: ObjectWriter", "InvalidRequest")]
    [InlineData("x-amz-acl: private", "")]
    [InlineData("x-amz-grant-read: id=bob|x-amz-grant-full-control: id=alice|x-amz-object-ownership: ObjectWriter", "")]
    public async Task CreateBucket_takes_the_acl_that_its_ownership_allows(string headers, string code)
    {
        var bucket = "test-acl-" + Guid.NewGuid().ToString("N")[..20];
        var lines = headers.Split('|').Select(h => h.Split(": ")).Select(h => (h[0], h[1]));
        var answer = await server.Raw(server.AliceSigner.Head("PUT", $"/{bucket}", lines));
        Assert.Equal((code.Length == 0 ? 200 : 400, code), (answer.Status, answer.Code));
        if (headers.Contains("id=bob", StringComparison.Ordinal) && code.Length == 0)
            Assert.Equal(["alice FULL_CONTROL", "bob READ"], await server.Alice.BucketGrants(bucket));
    }

    [Fact]
    public async Task A_bucket_made_again_has_its_acl_reset()
    {
        var bucket = await server.NewAclBucket(S3CannedACL.PublicRead);
        await server.Alice.PutBucketAsync(new PutBucketRequest { BucketName = bucket, ObjectOwnership = ObjectOwnership.ObjectWriter });
        Assert.Equal(["alice FULL_CONTROL"], await server.Alice.BucketGrants(bucket));
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}"));
    }

    [Fact]
    public async Task BlockPublicAcls_refuses_public_ones_only()
    {
        var bucket = await server.NewAclBucket();
        await server.Alice.PutPublicAccessBlockAsync(new PutPublicAccessBlockRequest
        {
            BucketName = bucket,
            PublicAccessBlockConfiguration = new PublicAccessBlockConfiguration { BlockPublicAcls = true },
        });
        await server.Alice.PutWith(bucket, "k", S3CannedACL.Private);
        foreach (var acl in new[] { S3CannedACL.PublicRead, S3CannedACL.AuthenticatedRead, S3CannedACL.PublicReadWrite })
            await Refused(
                () => server.Alice.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = acl }),
                () => server.Alice.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = acl }),
                () => server.Alice.PutWith(bucket, "n", acl),
                () => server.Alice.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest
                {
                    BucketName = bucket,
                    Key = "n",
                    CannedACL = acl
                }),
                () => server.Alice.CopyObjectAsync(new CopyObjectRequest
                { SourceBucket = bucket, SourceKey = "k", DestinationBucket = bucket, DestinationKey = "n", CannedACL = acl }));
        await Put(bucket, [User("alice", S3Permission.FULL_CONTROL), User("bob", S3Permission.READ)]);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Alice.GetObjectAsync(bucket, "n"));
    }

    static S3Grant User(string id, S3Permission permission) => new() { Grantee = new S3Grantee { CanonicalUser = id }, Permission = permission };

    Task<PutBucketAclResponse> Put(string bucket, List<S3Grant> grants) => server.Alice.PutBucketAclAsync(new PutBucketAclRequest
    {
        BucketName = bucket,
        AccessControlPolicy = new S3AccessControlList { Owner = new Owner { Id = "alice" }, Grants = grants },
    });

    static async Task Refused(params Func<Task>[] calls)
    {
        foreach (var call in calls) await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", call);
    }
}
