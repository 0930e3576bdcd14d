using System.Text;

namespace OrleansDfs.S3.Tests.Acl;

public class AclTests
{
    private const string Everybody = "http://acs.amazonaws.com/groups/global/AllUsers";

    [Theory]
    [InlineData("private", "ann FULL_CONTROL")]
    [InlineData("public-read", "ann FULL_CONTROL", "AllUsers READ")]
    [InlineData("public-read-write", "ann FULL_CONTROL", "AllUsers READ", "AllUsers WRITE")]
    [InlineData("authenticated-read", "ann FULL_CONTROL", "AuthenticatedUsers READ")]
    [InlineData("aws-exec-read", "ann FULL_CONTROL", Grantee.AwsExecId + " READ")]
    [InlineData("bucket-owner-read", "ann FULL_CONTROL", "bea READ")]
    [InlineData("bucket-owner-full-control", "ann FULL_CONTROL", "bea FULL_CONTROL")]
    public void Canned_acls_of_an_object_whose_bucket_is_beas(string name, params string[] grants) =>
        Assert.Equal(grants, Show(CannedAcls.Read(Http.Headers(("x-amz-acl", name)))!.Value.OnObject("ann", "bea")));

    [Theory]
    [InlineData("bucket-owner-read", "ann FULL_CONTROL")]
    [InlineData("bucket-owner-full-control", "ann FULL_CONTROL")]
    [InlineData("log-delivery-write", "ann FULL_CONTROL", "LogDelivery WRITE", "LogDelivery READ_ACP")]
    public void Canned_acls_of_a_bucket(string name, params string[] grants) =>
        Assert.Equal(grants, Show(CannedAcls.Read(Http.Headers(("x-amz-acl", name)))!.Value.OnBucket("ann")));

    [Fact]
    public void Grant_headers_name_users_addresses_and_groups()
    {
        var headers = Http.Headers(
            ("x-amz-grant-read", $"""id="ann, of here", emailAddress=bea@example.com ,uri="{Everybody}" """), ("X-Amz-Grant-Write-Acp", "ID=carl"),
            ("x-amz-grant-full-control", "id='dora'"));
        Assert.Equal(
            ["dora FULL_CONTROL", "ann, of here READ", "bea@example.com READ", "AllUsers READ", "carl WRITE_ACP"],
            Show(new AccessControlList(AclRequest.Read(headers, ofObject: true)!.Grants)));
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("")]
    [InlineData("id=")]
    [InlineData("id=\"ann")]
    [InlineData("id=\"ann\" id=\"bea\"")]
    [InlineData("id=ann,")]
    [InlineData("id=ann,,id=bea")]
    [InlineData("name=ann")]
    [InlineData("uri=http://acs.amazonaws.com/groups/global/Nobody")]
    public void A_grant_header_that_cannot_be_read_is_refused(string value) =>
        Assert.Equal("x-amz-grant-read", Expect.Refusal(ErrorCode.InvalidArgument,
            () => AclRequest.Read(Http.Headers(("x-amz-grant-read", value)), ofObject: true)).Detail("ArgumentName"));

    [Fact]
    public void Exactly_one_way_is_taken()
    {
        var canned = ("x-amz-acl", "private");
        var grant = ("x-amz-grant-read", "id=ann");
        var body = Encoding.UTF8.GetBytes(Document("ann"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => AclRequest.Read(Http.Headers(canned, grant), ofObject: true));
        Expect.Refusal(ErrorCode.UnexpectedContent, () => AclRequest.Read(Http.Headers(canned), body, ofObject: true));
        Expect.Refusal(ErrorCode.UnexpectedContent, () => AclRequest.Read(Http.Headers(grant), body, ofObject: true));
        Assert.Equal("x-amz-acl", Expect.Refusal(ErrorCode.MissingSecurityHeader, () => AclRequest.Read(Http.Headers(), [], ofObject: false))
            .Detail("MissingHeaderName"));
        Assert.Null(AclRequest.Read(Http.Headers(), ofObject: true));
        Expect.Refusal(ErrorCode.InvalidArgument, () => AclRequest.Read(Http.Headers(("x-amz-acl", "public")), ofObject: true));
        Expect.Refusal(ErrorCode.InvalidArgument, () => AclRequest.Read(Http.Headers(("x-amz-acl", "log-delivery-write")), ofObject: true));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var list = new AccessControlList([
            new Grant(Grantee.User("ann & <co>"), AclPermission.FullControl), new Grant(Grantee.AllUsers, AclPermission.Read),
            new Grant(Grantee.User("bea"), AclPermission.ReadAcp), new Grant(Grantee.LogDelivery, AclPermission.Write),
            new Grant(Grantee.User("bea"), AclPermission.WriteAcp),
        ]);
        var written = Http.Written(output => AccessControlDocument.Write(output, "ann & <co>", list));
        var read = AccessControlDocument.Parse(Encoding.UTF8.GetBytes(written));
        Assert.Equal("ann & <co>", read.Owner);
        Assert.Equal(list.Grants, read.Grants);
    }

    [Fact]
    public void An_address_is_read_and_names_and_order_do_not_matter()
    {
        var read = AccessControlDocument.Parse(Encoding.UTF8.GetBytes(
            """
            <AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><AccessControlList><Grant><Permission>READ</Permission>
            <Grantee xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="AmazonCustomerByEmail"><EmailAddress>b@example.com</EmailAddress></Grantee>
            </Grant></AccessControlList><Owner><DisplayName>whoever</DisplayName><ID>ann</ID></Owner></AccessControlPolicy>
            """));
        Assert.Equal(["b@example.com READ"], Show(new AccessControlList(read.Grants)));
    }

    [Fact]
    public void The_NET_SDKs_grantee_is_in_another_namespace() => Assert.Equal(["ann READ"], Show(new AccessControlList(AccessControlDocument.Parse(
        Encoding.UTF8.GetBytes(Document("ann",
            "<Grant><xsi:Grantee xsi:type=\"CanonicalUser\"><ID>ann</ID></xsi:Grantee><Permission>READ</Permission></Grant>")))
        .Grants)));

    [Theory]
    [InlineData("<AccessControlPolicy/>")]
    [InlineData("<AccessControlPolicy")]
    [InlineData("<AccessControlPolicy><Owner><ID>ann</ID></Owner></AccessControlPolicy>")]
    [InlineData("<AccessControlPolicy><AccessControlList/></AccessControlPolicy>")]
    [InlineData("<AccessControlPolicy><Owner/><AccessControlList/></AccessControlPolicy>")]
    [InlineData("<AccessControlPolicy><Owner><ID>ann</ID></Owner><AccessControlList/><Sauce/></AccessControlPolicy>")]
    public void A_document_that_is_none_is_malformed(string document) =>
        Expect.Refusal(ErrorCode.MalformedACLError, () => AccessControlDocument.Parse(Encoding.UTF8.GetBytes(document)));

    [Theory]
    [InlineData("xsi:type=\"CanonicalUser\"", "<ID>bea</ID>", "EVERYTHING")]
    [InlineData("", "<ID>bea</ID>", "READ")]
    [InlineData("type=\"CanonicalUser\"", "<ID>bea</ID>", "READ")]
    [InlineData("xsi:type=\"Robot\"", "<ID>bea</ID>", "READ")]
    [InlineData("xsi:type=\"CanonicalUser\"", "", "READ")]
    [InlineData("xsi:type=\"CanonicalUser\"", "<URI>" + Everybody + "</URI>", "READ")]
    [InlineData("xsi:type=\"Group\"", "<ID>bea</ID><URI>" + Everybody + "</URI>", "READ")]
    [InlineData("xsi:type=\"CanonicalUser\"", "<ID>bea</ID><ID>carl</ID>", "READ")]
    public void A_grant_that_is_none_is_malformed(string type, string grantee, string permission) =>
        Expect.Refusal(ErrorCode.MalformedACLError,
            () => AccessControlDocument.Parse(Encoding.UTF8.GetBytes(Document("ann", Grant(type, grantee, permission)))));

    [Fact]
    public void An_unknown_group_and_a_hundred_and_one_grants_are_refused()
    {
        Expect.Refusal(ErrorCode.InvalidArgument, () => AccessControlDocument.Parse(Encoding.UTF8.GetBytes(
            Document("ann", Grant("xsi:type=\"Group\"", "<URI>http://example.com/all</URI>", "READ")))));
        var one = Grant("xsi:type=\"CanonicalUser\"", "<ID>bea</ID>", "READ");
        Assert.Equal(100, AccessControlDocument.Parse(Encoding.UTF8.GetBytes(Document("ann", Enumerable.Repeat(one, 100).ToArray()))).Grants.Count);
        Expect.Refusal(ErrorCode.MalformedACLError,
            () => AccessControlDocument.Parse(Encoding.UTF8.GetBytes(Document("ann", Enumerable.Repeat(one, 101).ToArray()))));
        var header = string.Join(',', Enumerable.Repeat("id=bea", 101));
        Expect.Refusal(ErrorCode.MalformedACLError, () => AclRequest.Read(Http.Headers(("x-amz-grant-read", header)), ofObject: true));
    }

    [Fact]
    public void Grants_decide_and_the_owner_always_rules_over_the_list()
    {
        var list = new AccessControlList([new Grant(Grantee.User("bea"), AclPermission.FullControl),
            new Grant(Grantee.AllUsers, AclPermission.Read)]);
        Assert.True(list.Allows(AclPermission.WriteAcp, "ann", "ann", false));
        Assert.False(list.Allows(AclPermission.Write, "ann", "ann", false)); // has taken it from itself
        Assert.True(list.Allows(AclPermission.Write, "bea", "ann", false));
        Assert.True(list.Allows(AclPermission.Read, null, "ann", false));
        Assert.False(list.Allows(AclPermission.Read, null, "ann", ignorePublic: true));
        Assert.True(list.Allows(AclPermission.Read, "bea", "ann", ignorePublic: true));
        Assert.False(list.Allows(AclPermission.ReadAcp, null, "ann", false));
        Assert.False(list.Allows(AclPermission.ReadAcp, null, Grantee.AnonymousId, false));
        Assert.True(AccessControlList.Private(Grantee.AnonymousId).Allows(AclPermission.Read, null, Grantee.AnonymousId, false));
        Assert.False(AccessControlList.Private(Grantee.AnonymousId).Allows(AclPermission.Read, "bea", Grantee.AnonymousId, false));
        var signed =
            new AccessControlList([new Grant(Grantee.AuthenticatedUsers, AclPermission.Read), new Grant(Grantee.LogDelivery, AclPermission.Write)]);
        Assert.True(signed.Allows(AclPermission.Read, "carl", "ann", false));
        Assert.False(signed.Allows(AclPermission.Read, null, "ann", false));
        Assert.False(signed.Allows(AclPermission.Write, "carl", "ann", false));
        Assert.True(signed.IsPublic);
    }

    private static string Document(string owner, params string[] grants) =>
        $"<AccessControlPolicy xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Owner><ID>{owner}</ID></Owner><AccessControlList>"
        + $"{string.Concat(grants)}</AccessControlList></AccessControlPolicy>";

    private static string Grant(string type, string grantee, string permission) =>
        $"<Grant><Grantee {type}>{grantee}</Grantee><Permission>{permission}</Permission></Grant>";

    private static string[] Show(AccessControlList list) => [.. list.Grants.Select(grant => $"{grant.Grantee.Id.Split("/")[^1]} {grant.Permission switch
    {
        AclPermission.FullControl => "FULL_CONTROL",
        AclPermission.ReadAcp => "READ_ACP",
        AclPermission.WriteAcp => "WRITE_ACP",
        var other => other.ToString().ToUpperInvariant(),
    }}")];
}
