using System.Net;

namespace OrleansDfs.Conformance.Tests.Admin;

/// <summary>What policies of users allow and deny, beside those of buckets, and that nobody gives more than it has (S3.md §6, 11).</summary>
public sealed class UserPoliciesTests(AdminServer server) : IClassFixture<AdminServer>
{
    [Fact]
    public async Task A_user_with_policies_has_what_they_give_and_no_more()
    {
        var photos = await server.NewBucket();
        await server.Client.Put(photos, "cat", "miau");
        await server.Client.Put(photos, "secret/cat", "hiss");
        var (_, key, secret) = await server.NewUser("reader");
        using var reader = server.ClientOf(key, secret);
        await Denied(() => reader.GetObjectAsync(photos, "cat"));

        await server.Attach("reader", "photos", $$"""
            {"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::{{photos}}","arn:aws:s3:::{{photos}}/*"]},
            {"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::*/secret/*"}
            """);
        Assert.Equal("miau", await reader.Text(photos, "cat"));
        Assert.Equal(2, (await reader.ListObjectsV2Async(new() { BucketName = photos })).KeyCount);
        await Denied(() => reader.GetObjectAsync(photos, "secret/cat"));
        await Denied(() => reader.Put(photos, "dog", "wau"));
        await Denied(() => reader.DeleteObjectAsync(photos, "cat"));
        await Denied(() => reader.PutBucketAsync("readers-own"));
        await Denied(() => reader.ListBucketsAsync());

        await server.Attach("reader", "buckets",
            """{"Effect":"Allow","Action":["s3:CreateBucket","s3:ListAllMyBuckets"],"Resource":["arn:aws:s3:::readers-*","arn:aws:s3:::*"]}""");
        await reader.PutBucketAsync("readers-own");
        Assert.Contains((await reader.ListBucketsAsync()).Buckets, b => b.BucketName == photos);
        await Denied(() => reader.Put("readers-own", "k", "x")); // owning a bucket is not enough for who has policies
    }

    [Fact]
    public async Task An_explicit_deny_wins_wherever_it_stands_and_either_side_may_allow()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var (_, key, secret) = await server.NewUser("both");
        using var user = server.ClientOf(key, secret);
        await server.Client.PutBucketPolicyAsync(bucket, Policy(bucket, "Allow", "both", "s3:GetObject"));
        Assert.Equal("x", await user.Text(bucket, "k")); // by the bucket's policy alone
        await server.Attach("both", "deny", """{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}""");
        await Denied(() => user.GetObjectAsync(bucket, "k"));

        await server.Attach("both", "deny", """{"Effect":"Allow","Action":"s3:*","Resource":"*"}""");
        await server.Client.DeleteBucketPolicyAsync(bucket);
        Assert.Equal("x", await user.Text(bucket, "k")); // by its own alone
        await server.Client.PutBucketPolicyAsync(bucket, Policy(bucket, "Deny", "both", "s3:GetObject"));
        await Denied(() => user.GetObjectAsync(bucket, "k"));
    }

    [Fact]
    public async Task Deletes_are_judged_key_by_key_and_tags_are_looked_at()
    {
        var bucket = await server.NewBucket();
        foreach (var name in new[] { "a/1", "b/1" }) await server.Client.Put(bucket, name, "x");
        var (_, key, secret) = await server.NewUser("cleaner");
        using var user = server.ClientOf(key, secret);
        await server.Attach("cleaner", "a", $$"""{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::{{bucket}}/a/*"}""");
        var error = await Assert.ThrowsAsync<Amazon.S3.DeleteObjectsException>(() => user.DeleteObjectsAsync(new()
        {
            BucketName = bucket,
            Objects = [new() { Key = "a/1" }, new() { Key = "b/1" }],
        }));
        Assert.Equal("b/1", Assert.Single(error.Response.DeleteErrors).Key);
        Assert.Equal("a/1", Assert.Single(error.Response.DeletedObjects).Key);

        await server.Attach("cleaner", "tagged",
            """{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"s3:ExistingObjectTag/open":"yes"}}}""");
        await Denied(() => user.GetObjectAsync(bucket, "b/1"));
        await server.Client.PutObjectTaggingAsync(new()
        {
            BucketName = bucket,
            Key = "b/1",
            Tagging = new() { TagSet = [new() { Key = "open", Value = "yes" }] },
        });
        Assert.Equal("x", await user.Text(bucket, "b/1"));
    }

    [Fact]
    public async Task Nobody_gives_what_it_does_not_have()
    {
        var team = await server.NewBucket();
        var other = await server.NewBucket();
        await server.Client.Put(team, "k", "x");
        await server.Client.Put(other, "k", "x");
        var (lead, _, _) = await server.NewUser("lead");
        await Refused("POST", "/users", """{"name":"member"}""", lead); // no policy, no administration
        await server.Attach("lead", "team", $$"""
            {"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::{{team}}","arn:aws:s3:::{{team}}/*"]},
            {"Effect":"Allow","Action":"iam:*","Resource":"*"}
            """);

        var (member, key, secret) = await server.NewUser("member", by: lead);
        using var s3 = server.ClientOf(key, secret);
        await server.Attach("member", "all", """{"Effect":"Allow","Action":"*","Resource":"*"}""", by: lead);
        Assert.Equal("x", await s3.Text(team, "k"));
        await Denied(() => s3.GetObjectAsync(other, "k"));
        await Denied(() => s3.PutBucketAsync("members-own"));
        // Not by a bucket's policy either: the bound is the bound.
        await server.Client.PutBucketPolicyAsync(other, Policy(other, "Allow", "member", "s3:GetObject"));
        await Denied(() => s3.GetObjectAsync(other, "k"));

        // Nobody reaches up or sideways, whatever it is allowed.
        await Refused("PUT", "/users/lead/policies/more", """{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", lead);
        await Refused("PUT", "/users/member/policies/more", """{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", member);
        await Refused("POST", "/users/lead/keys", null, member);
        await Refused("PATCH", "/users/lead", """{"disabled":true}""", member);
        await Refused("POST", "/users/alice/keys", null, lead);
        await Refused("GET", "/users/alice", null, lead);
        await Refused("GET", "/users/not-there", null, lead);
        Assert.Equal(["lead", "member"], (await server.Admin("GET", "/users", signer: lead)).Json.GetProperty("users").EnumerateArray()
            .Select(u => u.GetProperty("name").GetString()));
        await server.NewKey("lead", by: lead);

        // What the parent loses, the child loses.
        Assert.Equal((409, "DeleteConflict"), Code(await server.Admin("DELETE", "/users/lead")));
        await server.Admin("PATCH", "/users/lead", """{"disabled":true}""");
        Assert.Equal("InvalidAccessKeyId", (await server.Raw(member.Head("GET", $"/{team}/k"))).Code);
    }

    async Task Refused(string method, string path, string? body, RawSigner by) =>
        Assert.Equal((403, "AccessDenied"), Code(await server.Admin(method, path, body, by)));

    static (int, string) Code(AdminAnswer answer) => (answer.Status, answer.Code);

    static Task<Amazon.S3.AmazonS3Exception> Denied(Func<Task> call) => S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", call);

    static string Policy(string bucket, string effect, string user, string action) =>
        $$"""
        {"Version":"2012-10-17","Statement":[
          {"Effect":"{{effect}}","Principal":{"AWS":"{{user}}"},"Action":"{{action}}","Resource":"arn:aws:s3:::{{bucket}}/*"}]}
        """;
}
