using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class ListBucketsTests(S3Server server)
{
    [Fact]
    public async Task Lists_ones_own_by_name_and_nobody_elses()
    {
        var mine = await server.NewBucket();
        var hers = "alice-" + Guid.NewGuid().ToString("N");
        await server.Alice.PutBucketAsync(hers);

        var listed = (await server.Client.ListBucketsAsync()).Buckets.ConvertAll(b => b.BucketName);
        Assert.Contains(mine, listed);
        Assert.DoesNotContain(hers, listed);
        Assert.Equal(listed.Order(StringComparer.Ordinal), listed);
        Assert.Equal([hers], (await server.Alice.ListBucketsAsync(new ListBucketsRequest { Prefix = hers })).Buckets.ConvertAll(b => b.BucketName));
    }

    [Fact]
    public async Task Pages_by_prefix_and_token()
    {
        var prefix = "page-" + Guid.NewGuid().ToString("N")[..8] + "-";
        var names = Enumerable.Range(0, 5).Select(i => prefix + i).ToList();
        foreach (var name in names) await server.Client.PutBucketAsync(name);

        var seen = new List<string>();
        var request = new ListBucketsRequest { Prefix = prefix, MaxBuckets = 2 };
        do
        {
            var page = await server.Client.ListBucketsAsync(request);
            seen.AddRange(page.Buckets.ConvertAll(b => b.BucketName));
            request.ContinuationToken = page.ContinuationToken;
        }
        while (request.ContinuationToken is not null);
        Assert.Equal(names, seen);
    }

    [Fact]
    public async Task Of_another_region_there_are_none_and_of_no_region_an_error()
    {
        var bucket = await server.NewBucket();
        Assert.Contains(bucket, (await Listed("us-east-1")).Text, StringComparison.Ordinal);
        var other = await Listed("eu-west-1");
        Assert.Equal(200, other.Status);
        Assert.DoesNotContain("<Name>", other.Text, StringComparison.Ordinal);
        var none = await Listed("eu-east-1");
        Assert.Equal((400, "InvalidArgument"), (none.Status, none.Code));
        Assert.Contains("<Message>Argument value eu-east-1 is not a valid AWS Region</Message><ArgumentName>bucket-region</ArgumentName>", none.Text,
            StringComparison.Ordinal);

        Task<RawResponse> Listed(string region) => server.Raw(server.Signer.Head("GET", "/?bucket-region=" + region));
    }

    [Fact]
    public async Task An_empty_token_begins_and_buckets_have_arns()
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("GET", $"/?continuation-token=&prefix={bucket}"));
        Assert.Equal(200, answer.Status);
        Assert.Contains($"<BucketArn>arn:aws:s3:::{bucket}</BucketArn>", answer.Text, StringComparison.Ordinal);
        Assert.Equal("arn:aws:s3:::" + bucket, (await server.Raw(server.Signer.Head("HEAD", $"/{bucket}"))).Header("x-amz-bucket-arn"));
    }
}
