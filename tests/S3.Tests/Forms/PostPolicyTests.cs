using System.Text;

namespace OrleansDfs.S3.Tests.Forms;

public class PostPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private const string Valid = """
        {"expiration": "2026-01-02T03:04:06.000Z", "conditions": [{"bucket": "b"}, ["starts-with", "$Key", "user/"], {"acl": "private"},
        ["eq", "$x-amz-meta-a", "\$1"], ["content-length-range", 2, "10"], ["starts-with", "$Content-Type", "image/"],
        {"success_action_status": 201}]}
        """;

    [Fact]
    public void A_form_that_keeps_its_policy_passes()
    {
        var policy = Parse(Valid);
        policy.Check(Fields(), "b", Now);
        policy.Check(Fields(("content-type", "image/png, image/gif")), "b", Now);
        Assert.Equal((2, 10), (policy.MinimumLength, policy.MaximumLength));
    }

    [Theory]
    [InlineData("KEY", "other/k", "Policy Condition failed: [\"starts-with\", \"$key\", \"user/\"]")]
    [InlineData("acl", "public-read", "Policy Condition failed: [\"eq\", \"$acl\", \"private\"]")]
    [InlineData("acl", "Private", "Policy Condition failed: [\"eq\", \"$acl\", \"private\"]")]
    [InlineData("content-type", "image/png,text/html", "Policy Condition failed: [\"starts-with\", \"$content-type\", \"image/\"]")]
    [InlineData("success_action_status", "200", "Policy Condition failed: [\"eq\", \"$success_action_status\", \"201\"]")]
    [InlineData("x-amz-meta-b", "v", "Extra input fields: x-amz-meta-b")]
    [InlineData("x-amz-date", "v", "Extra input fields: x-amz-date")]
    public void A_form_that_breaks_its_policy_is_refused(string name, string value, string why)
    {
        var refusal = Expect.Refusal(ErrorCode.AccessDenied, () => Parse(Valid).Check(Fields((name, value)), "b", Now));
        Assert.Equal("Invalid according to Policy: " + why, refusal.Message);
    }

    [Fact]
    public void The_bucket_is_the_urls()
    {
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse(Valid).Check(Fields(), "other", Now));
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse(Valid).Check(Fields(("bucket", "b")), "other", Now));
        var without = Valid.Replace("{\"bucket\": \"b\"}, ", "", StringComparison.Ordinal);
        Assert.EndsWith("Extra input fields: bucket", Expect.Refusal(ErrorCode.AccessDenied, () => Parse(without).Check(Fields(), "b", Now)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_expires() => Assert.Equal("Invalid according to Policy: Policy expired.",
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse(Valid).Check(Fields(), "b", Now.AddSeconds(1))).Message);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z"}""")]
    [InlineData("""{"conditions": []}""")]
    [InlineData("""{"Expiration": "2026-01-02T03:04:06Z", "conditions": []}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "CONDITIONS": []}""")]
    [InlineData("""{"expiration": "tomorrow", "conditions": []}""")]
    [InlineData("""{"expiration": 5, "conditions": []}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": {}}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [{}]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [{"a": "b", "c": "d"}]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [{"a": ["b"]}]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [[]]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [["ne", "$key", "k"]]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [["eq", "$key"]]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [["content-length-range", 0]]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [["content-length-range", -1, 5]]}""")]
    [InlineData("""{"expiration": "2026-01-02T03:04:06Z", "conditions": [[[[[[[[[[1]]]]]]]]]]}""")]
    public void A_policy_that_is_none_is_refused(string json) => Expect.Refusal(ErrorCode.InvalidPolicyDocument, () => Parse(json));

    /// <summary>As AWS answers: a field without its "$" and a range without numbers are conditions that fail, not a broken document.</summary>
    [Theory]
    [InlineData("""["eq", "acl", "private"]""")]
    [InlineData("""["starts-with", "$", ""]""")]
    [InlineData("""["content-length-range", "few", "10"]""")]
    public void A_condition_that_nothing_meets_fails(string condition)
    {
        var json = Valid.Replace("{\"acl\": \"private\"}", "{\"acl\": \"private\"}, " + condition, StringComparison.Ordinal);
        var refusal = Expect.Refusal(ErrorCode.AccessDenied, () => Parse(json).Check(Fields(), "b", Now));
        Assert.Equal("Invalid according to Policy: Policy Condition failed: " + condition, refusal.Message);
    }

    [Fact]
    public void What_is_no_base64_or_text_is_refused()
    {
        Expect.Refusal(ErrorCode.InvalidPolicyDocument, () => PostPolicy.Parse("!"));
        Expect.Refusal(ErrorCode.InvalidPolicyDocument, () => PostPolicy.Parse(Convert.ToBase64String([0xff, 0xfe])));
        Expect.Refusal(ErrorCode.InvalidPolicyDocument, () => Parse("{\"expiration\": \"\\ud800\", \"conditions\": []}"));
    }

    private static PostPolicy Parse(string json) => PostPolicy.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes(json)));

    private static FormFields Fields(params (string Name, string Value)[] changes)
    {
        var values = new Dictionary<string, string>
        {
            ["KEY"] = "user/k",
            ["acl"] = "private",
            ["X-Amz-Meta-A"] = "$1",
            ["content-type"] = "image/png",
            ["success_action_status"] = "201",
            ["policy"] = "p",
            ["x-amz-signature"] = "s",
            ["x-ignore-me"] = "i",
        };
        foreach (var (name, value) in changes) values[name] = value;
        var fields = new FormFields();
        foreach (var (name, value) in values) fields.Add(name, value);
        return fields;
    }
}
