using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Buckets of alice, with ACLs on and nothing blocked; bob is another user, the raw requests are anonymous.</summary>
static class AclBuckets
{
    public const string Everybody = "http://acs.amazonaws.com/groups/global/AllUsers";

    public static async Task<string> NewAclBucket(this S3Server server, S3CannedACL? acl = null, string ownership = "ObjectWriter")
    {
        var name = "test-acl-" + Guid.NewGuid().ToString("N")[..20];
        await server.Alice.PutBucketAsync(new PutBucketRequest { BucketName = name, ObjectOwnership = ownership });
        await server.Alice.DeletePublicAccessBlockAsync(new DeletePublicAccessBlockRequest { BucketName = name });
        if (acl is not null) await server.Alice.PutBucketAclAsync(new PutBucketAclRequest { BucketName = name, ACL = acl });
        return name;
    }

    public static Task PutWith(this IAmazonS3 s3, string bucket, string key, S3CannedACL acl) =>
        s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, ContentBody = key, CannedACL = acl });

    public static async Task<string[]> BucketGrants(this IAmazonS3 s3, string bucket) =>
        Show((await s3.GetBucketAclAsync(new GetBucketAclRequest { BucketName = bucket })).Grants);

    public static async Task<string[]> ObjectGrants(this IAmazonS3 s3, string bucket, string key, string? version = null) =>
        Show((await s3.GetObjectAclAsync(new GetObjectAclRequest { BucketName = bucket, Key = key, VersionId = version })).Grants);

    public static async Task<int> Anonymously(this S3Server server, string method, string target, params string[] headers) =>
        (await server.Raw(server.AnonymousHead(method, target, headers))).Status;

    public static string Document(string owner, params string[] grants) =>
        $"<AccessControlPolicy xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Owner><ID>{owner}</ID></Owner><AccessControlList>"
        + $"{string.Concat(grants)}</AccessControlList></AccessControlPolicy>";

    public static string Grant(string type, string grantee, string permission) =>
        $"<Grant><Grantee xsi:type=\"{type}\">{grantee}</Grantee><Permission>{permission}</Permission></Grant>";

    /// <summary>Sends an ACL's document as alice.</summary>
    public static Task<RawResponse> PutAcl(this S3Server server, string target, string document, params (string Name, string Value)[] headers)
    {
        var body = System.Text.Encoding.UTF8.GetBytes(document);
        return server.Raw(
            server.AliceSigner.Head("PUT", target, [.. headers, ("content-length", $"{body.Length}")], RawSigner.Hash(body)), body);
    }

    static string[] Show(List<S3Grant>? grants) =>
        [.. (grants ?? []).Select(g => $"{g.Grantee.CanonicalUser ?? g.Grantee.URI.Split('/')[^1]} {g.Permission.Value}")];
}
