using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>Documents that no client sends, to every operation that reads one: refused with 400, never a 500, and nothing is changed.</summary>
[Collection(S3Tests.Name)]
public sealed class HostileDocumentsTests(S3Server server)
{
    /// <summary>Method, target, document with <c>@</c> where text stands.</summary>
    static readonly (string Method, string Target, string Document)[] _documents =
    [
        ("PUT", "/new-#", "<CreateBucketConfiguration><LocationConstraint>@</LocationConstraint></CreateBucketConfiguration>"),
        ("PUT", "/#?versioning", "<VersioningConfiguration><Status>@</Status></VersioningConfiguration>"),
        ("PUT", "/#?tagging", "<Tagging><TagSet><Tag><Key>@</Key><Value>v</Value></Tag></TagSet></Tagging>"),
        ("PUT", "/#/k?tagging", "<Tagging><TagSet><Tag><Key>k</Key><Value>@</Value></Tag></TagSet></Tagging>"),
        ("PUT", "/#?cors",
            "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>@</AllowedOrigin></CORSRule></CORSConfiguration>"),
        ("PUT", "/#?requestPayment", "<RequestPaymentConfiguration><Payer>@</Payer></RequestPaymentConfiguration>"),
        ("PUT", "/#?ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>@</ObjectOwnership></Rule></OwnershipControls>"),
        ("PUT", "/#?publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>@</BlockPublicAcls></PublicAccessBlockConfiguration>"),
        ("PUT", "/#?lifecycle", "<LifecycleConfiguration><Rule><ID>i</ID><Status>Enabled</Status><Filter><Prefix>@</Prefix></Filter>"
            + "<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"),
        ("POST", "/#/k?uploadId=U", "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>@</ETag></Part></CompleteMultipartUpload>"),
        ("POST", "/#?delete", "<Delete><Object><Key>k</Key><VersionId>@</VersionId></Object></Delete>"),
    ];

    public static readonly TheoryData<string, string> Hostile = new()
    {
        { "a reference to NUL", "&#0;" },
        { "a NUL itself", "\0" },
        { "half a surrogate", "&#xD800;" },
        { "a reference beyond Unicode", "&#x110000;" },
        { "a reference without a number", "&#;" },
        { "an entity that is none", "&nothing;" },
        { "an element where text stands", "<Evil/>" },
        { "markup that is not closed", "<Evil>" },
        { "no UTF-8", "\u00ff\u00fe" },
        { "a section that is not closed", "<![CDATA[x" },
        { "seventeen levels", string.Concat(Enumerable.Repeat("<a>", 17)) + string.Concat(Enumerable.Repeat("</a>", 17)) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Hostile_text_is_refused_by_every_reader_of_documents(string what, string text) =>
        await Refused(what, document => document.Replace("@", text, StringComparison.Ordinal));

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>")]
    [InlineData("<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;&x;&x;&x;&x;&x;&x;\">]>")]
    public async Task A_DTD_is_refused_whatever_is_in_it(string dtd) =>
        await Refused("DTD", document => dtd + document.Replace("@", "&x;", StringComparison.Ordinal));

    [Theory]
    [InlineData("nothing", "")]
    [InlineData("another document", "<Other>@</Other>")]
    [InlineData("two documents", "<a/><b/>")]
    [InlineData("no XML", "{\"json\": true}")]
    [InlineData("UTF-16", "\u00ff\u00fe<\0a\0/\0>\0")]
    public async Task What_is_no_such_document_is_refused(string what, string whole)
    {
        // Nothing at all means the default region to CreateBucket.
        var but = whole.Length == 0 ? "/new-#" : null;
        await Refused(what, _ => whole, but);
    }

    async Task Refused(string what, Func<string, string> spoil, string? but = null)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "hello");
        var upload = (await server.Client.InitiateMultipartUploadAsync(bucket, "k")).UploadId;
        foreach (var (method, template, document) in _documents.Where(d => d.Target != but))
        {
            var target = template.Replace("#", bucket, StringComparison.Ordinal).Replace("=U", "=" + upload, StringComparison.Ordinal);
            var body = Encoding.Latin1.GetBytes(spoil(document));
            var md5 = Convert.ToBase64String(MD5.HashData(body));
            var answer = await server.Raw(
                server.Signer.Head(method, target, [("content-length", $"{body.Length}"), ("content-md5", md5)], RawSigner.Hash(body)), body);
            Assert.True(answer.Status is 400 || (answer.Status == 200 && answer.Text.Contains("<Error>", StringComparison.Ordinal)),
                $"{what}, {method} {template}: {answer.Status} {answer.Text}");
        }
        Assert.Equal("hello", await server.Client.Text(bucket, "k"));
        await S3Assert.Fails(System.Net.HttpStatusCode.NotFound, "NoSuchTagSet", () =>
            server.Client.GetBucketTaggingAsync(new() { BucketName = bucket }));
    }
}
