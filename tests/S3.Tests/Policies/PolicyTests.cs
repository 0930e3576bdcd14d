using System.Text;

namespace OrleansDfs.S3.Tests.Policies;

/// <summary>Bucket policies: who is covered by what, and documents that nobody meant well.</summary>
public class PolicyTests
{
    private const string Allow = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}""";

    [Theory]
    [InlineData("alice", "s3:GetObject", "b/k", PolicyDecision.Allow)]
    [InlineData("alice", "s3:getobject", "b/k", PolicyDecision.Allow)]
    [InlineData("alice", "s3:GetObject", "b/a/b/../c", PolicyDecision.Allow)]
    [InlineData("alice", "s3:GetObjectVersion", "b/k", PolicyDecision.Silent)]
    [InlineData("Alice", "s3:GetObject", "b/k", PolicyDecision.Silent)]
    [InlineData(null, "s3:GetObject", "b/k", PolicyDecision.Silent)]
    [InlineData("alice", "s3:GetObject", "b", PolicyDecision.Silent)]
    public void One_statement(string? user, string action, string resource, PolicyDecision expected) =>
        Assert.Equal(expected, Decide(Allow, user, action, resource));

    [Theory]
    [InlineData("\"*\"", null, true)]
    [InlineData("""{"AWS":"*"}""", null, true)]
    [InlineData("""{"AWS":["bob","arn:aws:iam:::user/alice"]}""", "alice", true)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:user/alice"}""", "alice", true)]
    [InlineData("""{"AWS":"arn:aws:iam::alice:root"}""", "alice", true)]
    [InlineData("""{"CanonicalUser":"alice"}""", "alice", true)]
    [InlineData("""{"AWS":"bob"}""", "alice", false)]
    public void Principals(string principal, string? user, bool covered) =>
        Assert.Equal(covered ? PolicyDecision.Allow : PolicyDecision.Silent, Decide(Allow.Replace("""{"AWS":"alice"}""", principal), user, "s3:GetObject", "b/k"));

    [Theory]
    [InlineData("alice", PolicyDecision.Silent)]
    [InlineData("bob", PolicyDecision.Deny)]
    [InlineData(null, PolicyDecision.Deny)]
    public void All_but_one_are_denied(string? user, PolicyDecision expected) => Assert.Equal(expected, Decide(
        """{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"alice"},"NotAction":"s3:PutObject","NotResource":"arn:aws:s3:::b/free/*"}}""", user, "s3:GetObject", "b/k"));

    [Fact]
    public void Deny_wins_in_either_order()
    {
        const string allow = """{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}""";
        const string deny = """{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::b/secret?"}""";
        foreach (var list in new[] { $"{allow},{deny}", $"{deny},{allow}" })
        {
            var policy = "{\"Statement\":[" + list + "]}";
            Assert.Equal(PolicyDecision.Deny, Decide(policy, "alice", "s3:GetObject", "b/secret1"));
            Assert.Equal(PolicyDecision.Allow, Decide(policy, "alice", "s3:GetObject", "b/secret12"));
            Assert.Equal(PolicyDecision.Allow, Decide(policy, "alice", "s3:PutObject", "b/secret1"));
        }
    }

    [Theory]
    [InlineData("StringEquals", "s3:prefix", "\"a\"", "a", true)]
    [InlineData("StringEquals", "s3:prefix", "[\"b\",\"a\"]", "a", true)]
    [InlineData("StringEquals", "s3:prefix", "\"a*\"", "ab", false)]
    [InlineData("StringEquals", "s3:prefix", "\"a\"", null, false)]
    [InlineData("StringEqualsIfExists", "s3:prefix", "\"a\"", null, true)]
    [InlineData("StringEqualsIgnoreCase", "s3:prefix", "\"A\"", "a", true)]
    [InlineData("StringNotEquals", "s3:prefix", "[\"b\",\"a\"]", "a", false)]
    [InlineData("StringNotEquals", "s3:prefix", "\"a\"", null, true)]
    [InlineData("StringLike", "S3:PREFIX", "\"a*c?\"", "abbcd", true)]
    [InlineData("StringNotLike", "s3:prefix", "\"a*\"", "abc", false)]
    [InlineData("NumericLessThanEquals", "s3:max-keys", "\"10\"", "10", true)]
    [InlineData("NumericLessThanEquals", "s3:max-keys", "10", "11", false)]
    [InlineData("NumericGreaterThan", "s3:max-keys", "10", "ten", false)]
    [InlineData("DateLessThan", "aws:CurrentTime", "\"2030-01-01T00:00:00Z\"", "2029-12-31T23:59:59Z", true)]
    [InlineData("DateGreaterThan", "aws:EpochTime", "\"1900000000\"", "1900000001", true)]
    [InlineData("Bool", "aws:SecureTransport", "false", "false", true)]
    [InlineData("Bool", "aws:SecureTransport", "\"true\"", "false", false)]
    [InlineData("IpAddress", "aws:SourceIp", "\"10.1.2.3/8\"", "10.200.0.1", true)]
    [InlineData("IpAddress", "aws:SourceIp", "\"2001:db8::/32\"", "2001:db8:1::1", true)]
    [InlineData("IpAddress", "aws:SourceIp", "\"10.0.0.1\"", "10.0.0.2", false)]
    [InlineData("NotIpAddress", "aws:SourceIp", "\"10.0.0.0/8\"", "10.0.0.2", false)]
    [InlineData("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam:::user/a*\"", "arn:aws:iam:::user/alice", true)]
    [InlineData("Null", "s3:prefix", "\"true\"", null, true)]
    [InlineData("Null", "s3:prefix", "\"false\"", null, false)]
    [InlineData("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", "[\"a\",\"b\"]", "a|b", true)]
    [InlineData("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", "[\"a\",\"b\"]", "a|c", false)]
    [InlineData("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", "\"a\"", null, true)]
    [InlineData("ForAnyValue:StringEquals", "s3:RequestObjectTagKeys", "\"a\"", "c|a", true)]
    [InlineData("ForAnyValue:StringEquals", "s3:RequestObjectTagKeys", "\"a\"", null, false)]
    public void Conditions(string test, string key, string values, string? actual, bool holds)
    {
        var policy = Allow.Replace("\"Effect\"", $"\"Condition\":{{\"{test}\":{{\"{key}\":{values}}}}},\"Effect\"");
        var decision = Decide(policy, "alice", "s3:GetObject", "b/k", (key, actual));
        Assert.Equal(holds ? PolicyDecision.Allow : PolicyDecision.Silent, decision);
    }

    [Fact]
    public void A_variable_is_text_and_widens_nothing()
    {
        var home = Allow.Replace("b/*", "b/home/${aws:username}/*").Replace("{\"AWS\":\"alice\"}", "\"*\"");
        Assert.Equal(PolicyDecision.Allow, Decide(home, "alice", "s3:GetObject", "b/home/alice/k", ("aws:username", "alice")));
        Assert.Equal(PolicyDecision.Silent, Decide(home, "alice", "s3:GetObject", "b/home/bob/k", ("aws:username", "alice")));
        Assert.Equal(PolicyDecision.Silent, Decide(home, "*", "s3:GetObject", "b/home/bob/k", ("aws:username", "*")));
        Assert.Equal(PolicyDecision.Silent, Decide(home, null, "s3:GetObject", "b/home//k"));
        Assert.Equal(PolicyDecision.Silent,
            Decide(home.Replace("2012", "2008"), "alice", "s3:GetObject", "b/home/alice/k", ("aws:username", "alice")));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}", false)]
    [InlineData("\"IpAddress\":{\"aws:SourceIp\":[\"10.0.0.0/8\",\"0.0.0.0/0\"]}", true)]
    [InlineData("\"NotIpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}", true)]
    [InlineData("\"StringLike\":{\"aws:Referer\":\"https://x/\"}", true)]
    [InlineData("\"StringLike\":{\"aws:SourceVpc\":\"vpc-*\"}", true)]
    [InlineData("\"StringEquals\":{\"aws:SourceVpc\":\"vpc-1\"}", false)]
    public void What_is_public(string conditions, bool isPublic) => Assert.Equal(isPublic, Parse(
        "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\",\"Condition\":{"
            + conditions + "}}}").IsPublic);

    [Theory]
    [InlineData("""{"Statement":[]}""")]
    [InlineData("""{"Version":"2012-10-17"}""")]
    [InlineData("""{"Version":1,"Statement":{}}""")]
    [InlineData("""{"Statement":{"Effect":"Maybe","Principal":"*","Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"alice","Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"Service":"x"},"Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":[]},"Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam:::user/a*"},"Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"alice"},"Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","NotPrincipal":"*","Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":[],"Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":[]}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"b"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Extra":1}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringMatches":{"s3:prefix":"a"}}}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:nothing":"a"}}}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"NumericEquals":{"s3:max-keys":"many"}}}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"DateEquals":{"aws:EpochTime":"-9223372036854775808"}}}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"0":{"s3:prefix":"a"}}}}""")]
    [InlineData("""{"Statement":"\ud800"}""")]
    public void Malformed(string json) => Assert.Equal(ErrorCode.MalformedPolicy, Assert.Throws<S3Exception>(() => Parse(json)).Code);

    [Fact]
    public void A_deep_document_is_refused() =>
        Assert.Equal(ErrorCode.MalformedPolicy, Assert.Throws<S3Exception>(() => Parse("{\"Statement\":" + new string('[', 5000))).Code);

    [Fact]
    public void Hostile_wildcards_cost_little()
    {
        var policy = Parse(Allow.Replace("b/*", "b/" + string.Concat(Enumerable.Repeat("*a", 1000)) + "b"));
        Assert.Equal(PolicyDecision.Silent, policy.Decide(new PolicyRequest("alice", "s3:GetObject", "b/" + new string('a', 1024), _ => null)));
    }

    /// <summary>Bytes of a good policy changed at random: read, or refused with S3's word, and a decision never throws.</summary>
    [Fact]
    public void Fuzz()
    {
        var random = new Random(20260714);
        var seed = Encoding.UTF8.GetBytes(Allow.Replace("\"Effect\"", """
            "Condition":{"StringLike":{"s3:prefix":"${aws:username}/*"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"DateLessThan":{"aws:EpochTime":"1900000000"}},"Effect"
            """.Trim()));
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                PolicyDocument.Parse(bytes, "b").Decide(new PolicyRequest("alice", "s3:GetObject", "b/k", _ => ["10.0.0.1"]));
                read++;
            }
            catch (S3Exception e)
            {
                Assert.Equal(ErrorCode.MalformedPolicy, e.Code);
            }
        }
        Assert.InRange(read, 1, 19_999);
    }

    private static PolicyDocument Parse(string json) => PolicyDocument.Parse(Encoding.UTF8.GetBytes(json), "b");

    private static PolicyDecision Decide(string json, string? user, string action, string resource, params (string Key, string? Values)[] context) =>
        Parse(json).Decide(new PolicyRequest(user, action, resource, key =>
            context.FirstOrDefault(c => c.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Values?.Split('|')));
}
