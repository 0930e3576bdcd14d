using System.Buffers;
using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Objects;

/// <summary>Lifecycle documents: what is taken and shown again, and AWS's error for everything else.</summary>
public class LifecycleTests
{
    private const string Days = "<Expiration><Days>1</Days></Expiration>";
    private const string All = "<Filter/>";
    private const string Marker = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>";
    private const string On = "<Status>Enabled</Status>";

    [Theory]
    [InlineData($"{Days}<ID>a</ID><Filter><Prefix>logs/</Prefix></Filter>{On}")]
    [InlineData($"{Days}<ID>a</ID><Filter></Filter>{On}")]
    [InlineData($"{Days}<ID>a</ID><Prefix/><Status>Disabled</Status>")]
    [InlineData($"<ID>a</ID><Prefix>p</Prefix>{On}<NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>")]
    [InlineData($"<Expiration><Date>2026-01-01T00:00:00.000Z</Date></Expiration><ID>a</ID><Filter><Tag><Key>k</Key><Value/></Tag></Filter>{On}")]
    [InlineData($"<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration><ID>a b</ID><Filter></Filter>{On}"
        + "<NoncurrentVersionExpiration><NewerNoncurrentVersions>100</NewerNoncurrentVersions><NoncurrentDays>3</NoncurrentDays>"
        + "</NoncurrentVersionExpiration>"
        + "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>")]
    [InlineData($"{Days}<ID>a</ID><Filter><And><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan>"
        + $"<Prefix>&lt;</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key><Value>w</Value></Tag></And></Filter>{On}")]
    public void What_is_taken_is_shown_again(string rule) => Assert.Equal(rule, Show(Parse(rule)));

    [Theory]
    [InlineData("2026-01-01T00:00:00Z")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01T02:00:00+02:00")]
    [InlineData("2026-01-01T00:00:00.000Z")]
    public void Dates_in_the_forms_that_clients_write(string date)
    {
        var rule = Assert.Single(Parse($"<Expiration><Date>{date}</Date></Expiration>{All}{On}"));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), rule.ExpirationDate);
    }

    [Fact]
    public void A_rule_without_a_name_gets_one_of_its_own()
    {
        var rules = LifecycleParser.Parse(Encoding.UTF8.GetBytes(
            $"<LifecycleConfiguration><Rule>{Days}{All}{On}</Rule><Rule><ID/>{Days}{All}{On}</Rule></LifecycleConfiguration>"));
        Assert.Equal(2, rules.Select(r => r.Id).Where(id => id.Length > 0).Distinct().Count());
    }

    [Theory]
    // Not of the schema.
    [InlineData("MalformedXML", $"{Days}{All}")]
    [InlineData("MalformedXML", $"{Days}{All}<Status>enabled</Status>")]
    [InlineData("MalformedXML", $"{Days}{On}")]
    [InlineData("MalformedXML", $"{Days}{All}{On}<Colour/>")]
    [InlineData("MalformedXML", $"{Days}{Days}{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration/>{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration><Days>x</Days></Expiration>{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration><Days>1.5</Days></Expiration>{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration><Days>1</Days><Date>2026-01-01</Date></Expiration>{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration><ExpiredObjectDeleteMarker>yes</ExpiredObjectDeleteMarker></Expiration>{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration><Date>tomorrow</Date></Expiration>{All}{On}")]
    [InlineData("MalformedXML", $"<Expiration><Date>20260101</Date></Expiration>{All}{On}")]
    [InlineData("MalformedXML", $"{Days}<Filter><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></Filter>{On}")]
    [InlineData("MalformedXML", $"{Days}<Filter><And/></Filter>{On}")]
    [InlineData("MalformedXML", $"{Days}<Filter><Tag><Key>k</Key></Tag></Filter>{On}")]
    [InlineData("MalformedXML", $"{Days}<Filter><Prefix>&#0;</Prefix></Filter>{On}")]
    [InlineData("MalformedXML", $"{Days}<Filter><ObjectSizeLessThan>big</ObjectSizeLessThan></Filter>{On}")]
    [InlineData("MalformedXML",
        $"<NoncurrentVersionExpiration><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>{All}{On}")]
    [InlineData("MalformedXML", $"<Transition><Days>1</Days><StorageClass>WARM</StorageClass></Transition>{All}{On}")]
    // Of the schema, and senseless.
    [InlineData("InvalidRequest", $"{All}{On}")]
    [InlineData("InvalidRequest", $"{Days}<Prefix/>{All}{On}")]
    [InlineData("InvalidRequest",
        $"{Days}<Filter><And><Tag><Key>k</Key><Value>1</Value></Tag><Tag><Key>k</Key><Value>2</Value></Tag></And></Filter>{On}")]
    [InlineData("InvalidRequest",
        $"{Days}<Filter><And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan></And></Filter>{On}")]
    [InlineData("InvalidRequest",
        $"{Marker}<Filter><Tag><Key>k</Key><Value>1</Value></Tag></Filter>{On}")]
    [InlineData("InvalidRequest",
        $"{Marker}<Filter><ObjectSizeLessThan>1</ObjectSizeLessThan></Filter>{On}")]
    [InlineData("InvalidRequest", "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        + $"<Filter><Tag><Key>k</Key><Value>1</Value></Tag></Filter>{On}")]
    [InlineData("InvalidRequest", "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        + $"<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></Filter>{On}")]
    [InlineData("InvalidRequest",
        "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions>"
        + $"</NoncurrentVersionExpiration><Prefix/>{On}")]
    [InlineData("InvalidArgument", $"<Expiration><Days>0</Days></Expiration>{All}{On}")]
    [InlineData("InvalidArgument", $"<Expiration><Days>-1</Days></Expiration>{All}{On}")]
    [InlineData("InvalidArgument", $"<Expiration><Days>2147483648</Days></Expiration>{All}{On}")]
    [InlineData("InvalidArgument", $"<Expiration><Date>2026-01-01T01:00:00Z</Date></Expiration>{All}{On}")]
    [InlineData("InvalidArgument", $"<Expiration><Date>2026-01-01T00:00:00.001Z</Date></Expiration>{All}{On}")]
    [InlineData("InvalidArgument", $"<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>{All}{On}")]
    [InlineData("InvalidArgument",
        "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101</NewerNoncurrentVersions>"
        + $"</NoncurrentVersionExpiration>{All}{On}")]
    [InlineData("InvalidArgument",
        $"<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>{All}{On}")]
    [InlineData("InvalidArgument", $"{Days}<Filter><ObjectSizeGreaterThan>-1</ObjectSizeGreaterThan></Filter>{On}")]
    [InlineData("InvalidArgument", $"<Transition><Days>-1</Days><StorageClass>GLACIER</StorageClass></Transition>{All}{On}")]
    [InlineData("InvalidTag", $"{Days}<Filter><Tag><Key/><Value>v</Value></Tag></Filter>{On}")]
    [InlineData("NotImplemented", $"<Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>{All}{On}")]
    [InlineData("NotImplemented", "<NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays><StorageClass>GLACIER</StorageClass>"
        + $"</NoncurrentVersionTransition>{All}{On}")]
    public void What_is_refused_has_its_code(string code, string rule) => Refused(code, () => Parse(rule));

    [Fact]
    public void Limits_of_the_whole_document()
    {
        Refused("MalformedXML", () => LifecycleParser.Parse("<LifecycleConfiguration/>"u8));
        Refused("InvalidArgument", () => Parse($"<ID>{new string('i', 256)}</ID>{Days}{All}{On}"));
        Refused("InvalidRequest", () => Parse($"{Days}<Filter><Prefix>{new string('p', 1025)}</Prefix></Filter>{On}"));
        Refused("InvalidArgument", () => Many($"<ID>same</ID>{Days}{All}{On}", $"<ID>same</ID>{Days}{All}{On}"));
        Refused("InvalidRequest", () => Many($"{Days}{All}{On}", $"{Days}<Prefix>a</Prefix>{On}"));
        Refused("InvalidRequest", () => Many([.. Enumerable.Repeat($"{Days}{All}{On}", 1001)]));
        Assert.Equal(1000, Many([.. Enumerable.Repeat($"{Days}{All}{On}", 1000)]).Count);
    }

    [Fact]
    public void Headers_name_the_day_and_the_rule()
    {
        var expiry = new LifecycleExpiry(new DateTimeOffset(2012, 12, 21, 0, 0, 0, TimeSpan.Zero), "Rule for testfile.txt \"\r\n");
        const string expected = "expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\", rule-id=\"Rule%20for%20testfile.txt%20%22%0D%0A\"";
        Assert.Equal(expected, LifecycleResults.Expiration(expiry));
    }

    private static void Refused(string code, Action act) => Expect.Refusal(ErrorCode.All.Single(e => e.Code == code), act);

    private static IReadOnlyList<LifecycleRule> Parse(string rule) => Many(rule);

    private static IReadOnlyList<LifecycleRule> Many(params string[] rules) => LifecycleParser.Parse(Encoding.UTF8.GetBytes(
        "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + $"{string.Concat(rules.Select(r => $"<Rule>{r}</Rule>"))}</LifecycleConfiguration>"));

    private static string Show(IReadOnlyList<LifecycleRule> rules)
    {
        var output = new ArrayBufferWriter<byte>();
        LifecycleResults.Write(output, new LifecycleConfiguration(rules, ""));
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        return text[(text.IndexOf("<Rule>", StringComparison.Ordinal) + 6)..text.IndexOf("</Rule>", StringComparison.Ordinal)];
    }
}
