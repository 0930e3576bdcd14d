using System.Text;

namespace OrleansDfs.S3.Tests.Policies;

/// <summary>Policies of users: no principal, whole ARNs, and nobody above whom they do not bound.</summary>
public class IdentityPoliciesTests
{
    private const string Everything = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private const string AllOfS3 = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}}""";
    private const string ReadPhotos =
        """
        {"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Action":["s3:GetObject","s3:List*"],"Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]}]}
        """;
    private const string DenySecrets =
        """{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*/secret/*"}]}""";

    [Theory]
    [InlineData("s3:GetObject", "arn:aws:s3:::photos/cat", PolicyDecision.Allow)]
    [InlineData("s3:ListBucket", "arn:aws:s3:::photos", PolicyDecision.Allow)]
    [InlineData("s3:PutObject", "arn:aws:s3:::photos/cat", PolicyDecision.Silent)]
    [InlineData("s3:GetObject", "arn:aws:s3:::photos2/cat", PolicyDecision.Silent)]
    [InlineData("s3:GetObject", "arn:aws:s3:::photos/secret/cat", PolicyDecision.Deny)]
    public void Several_policies_of_one_user(string action, string resource, PolicyDecision expected) =>
        Assert.Equal(expected, Decide([[ReadPhotos, DenySecrets]], action, resource));

    [Fact]
    public void All_of_S3_is_not_all_users()
    {
        Assert.Equal(PolicyDecision.Allow, Decide([[AllOfS3]], "s3:CreateBucket", "arn:aws:s3:::any"));
        Assert.Equal(PolicyDecision.Silent, Decide([[AllOfS3]], "iam:CreateUser", "arn:aws:iam:::user/eve"));
        Assert.Equal(PolicyDecision.Allow, Decide([[Everything]], "iam:CreateUser", "arn:aws:iam:::user/eve"));
    }

    /// <summary>S3.md §6, 11: child ≤ parent.</summary>
    [Fact]
    public void Every_ancestor_bounds()
    {
        Assert.Equal(PolicyDecision.Allow, Decide([[Everything], [ReadPhotos]], "s3:GetObject", "arn:aws:s3:::photos/cat"));
        Assert.Equal(PolicyDecision.Deny, Decide([[Everything], [ReadPhotos]], "s3:PutObject", "arn:aws:s3:::photos/cat"));
        Assert.Equal(PolicyDecision.Deny, Decide([[Everything], [Everything], [ReadPhotos]], "s3:PutObject", "arn:aws:s3:::photos/cat"));
        Assert.Equal(PolicyDecision.Deny, Decide([[Everything], [Everything, DenySecrets]], "s3:GetObject", "arn:aws:s3:::a/secret/b"));
        // An ancestor that has nothing gives nothing, also to a child without policies.
        Assert.Equal(PolicyDecision.Deny, Decide([[Everything], []], "s3:GetObject", "arn:aws:s3:::photos/cat"));
        Assert.Equal(PolicyDecision.Deny, Decide([[], []], "s3:GetObject", "arn:aws:s3:::photos/cat"));
        Assert.Equal(PolicyDecision.Silent, Decide([[], [Everything]], "s3:GetObject", "arn:aws:s3:::photos/cat"));
    }

    [Fact]
    public void What_cannot_be_read_allows_nothing()
    {
        var policies = IdentityPolicies.Read([[Everything, "{\"Statement\":"]]);
        Assert.False(policies.AreEmpty);
        Assert.False(policies.MayAllow("s3:GetObject"));
        Assert.Equal(PolicyDecision.Deny, Decide([[Everything, "{}"]], "s3:GetObject", "arn:aws:s3:::photos/cat"));
        Assert.Equal(PolicyDecision.Deny, Decide([[Everything], ["{}"]], "s3:GetObject", "arn:aws:s3:::photos/cat"));
    }

    [Fact]
    public void Variables_name_the_user()
    {
        const string home =
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}}""";
        Assert.Equal(PolicyDecision.Allow, Decide([[home]], "s3:GetObject", "arn:aws:s3:::home/anna/x"));
        Assert.Equal(PolicyDecision.Silent, Decide([[home]], "s3:GetObject", "arn:aws:s3:::home/ben/x"));
    }

    [Theory]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}""", "principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:Nothing","Resource":"*"}}""", "action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"iam:Nothing*","Resource":"*"}}""", "action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"nonsense","Resource":"*"}}""", "action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"photos/*"}}""", "ARN")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::"}}""", "ARN")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:*"}}""", "Resource")]
    [InlineData("""{"Statement":[]}""", "Statement")]
    [InlineData("""[]""", "{")]
    public void Refused(string document, string word) =>
        Assert.Contains(word, Assert.Throws<S3Exception>(() => IdentityPolicies.Parse(Encoding.UTF8.GetBytes(document))).Error.Message);

    /// <summary>Policies written for AWS as a whole are taken; what is about other services says nothing here.</summary>
    [Theory]
    [InlineData("kms:Decrypt")]
    [InlineData("s3:ListAllMyBuckets")]
    [InlineData("s3:CreateBucket")]
    [InlineData("iam:*")]
    [InlineData("s3:*Object*")]
    public void Taken(string action) =>
        IdentityPolicies.Parse(Encoding.UTF8.GetBytes("""{"Statement":{"Effect":"Allow","Action":"ACTION","Resource":"*"}}""".Replace("ACTION",
            action)));

    private static PolicyDecision Decide(string[][] levels, string action, string resource) =>
        IdentityPolicies.Read(levels).Decide(new PolicyRequest("anna", action, resource, key => key == "aws:username" ? ["anna"] : null));
}
