using System.Buffers;
using System.Globalization;

namespace OrleansDfs.S3;

/// <summary>One rule of a CORS document, as validated.</summary>
public sealed record CorsRule(
    string? Id,
    IReadOnlyList<string> Methods,
    IReadOnlyList<string> Origins,
    IReadOnlyList<string> Headers,
    IReadOnlyList<string> Exposed,
    int? MaxAgeSeconds)
{
    /// <summary>
    /// The rule's origin that allows this one, or <c>null</c>. Origins are compared as they stand (RFC 6454 §4: browsers send them lower case).
    /// </summary>
    public string? Allowing(string origin) => Origins.FirstOrDefault(pattern => Matches(pattern, origin, StringComparison.Ordinal));

    public bool AllowsHeader(string name) => Headers.Any(pattern => Matches(pattern, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>One <c>*</c> at most, which stands for anything, also nothing.</summary>
    private static bool Matches(string pattern, string text, StringComparison comparison)
    {
        var star = pattern.IndexOf('*');
        if (star < 0) return text.Equals(pattern, comparison);
        return text.Length >= pattern.Length - 1 && text.StartsWith(pattern[..star], comparison) && text.EndsWith(pattern[(star + 1)..], comparison);
    }
}

/// <summary>Body of PutBucketCors, and how it is kept and judged (AWS, "Elements of a CORS configuration").</summary>
public sealed record CorsConfiguration(IReadOnlyList<CorsRule> Rules)
{
    public const int MaxBytes = 64 * 1024;

    private const int MaxRules = 100;
    private const int MaxIdLength = 255;

    public static readonly IReadOnlyList<string> Methods = ["GET", "PUT", "POST", "DELETE", "HEAD"];

    /// <exception cref="S3Exception">MalformedXML; InvalidRequest for what AWS names.</exception>
    public static CorsConfiguration Parse(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "CORSConfiguration"));
        var rules = fields.Many("CORSRule").ConvertAll(ParseRule);
        fields.End();
        if (rules.Count == 0) throw XmlNode.Malformed();
        if (rules.Count > MaxRules) throw Invalid($"The number of CORS rules should not exceed allowed limit of {MaxRules} rules.");
        return new CorsConfiguration(rules);
    }

    /// <summary>The first rule that allows this; <c>null</c>: none does.</summary>
    /// <param name="headers">Header names that a preflight asks for; empty for an actual request.</param>
    public CorsRule? Find(string origin, string method, IReadOnlyList<string> headers) =>
        Rules.FirstOrDefault(rule => rule.Methods.Contains(method) && rule.Allowing(origin) is not null && headers.All(rule.AllowsHeader));

    public void Write(IBufferWriter<byte> output)
    {
        var xml = new XmlOutput(output);
        xml.Root("CORSConfiguration");
        foreach (var rule in Rules)
        {
            xml.Start("CORSRule");
            xml.Optional("ID", rule.Id);
            foreach (var method in rule.Methods) xml.Element("AllowedMethod", method);
            foreach (var origin in rule.Origins) xml.Element("AllowedOrigin", origin);
            foreach (var header in rule.Headers) xml.Element("AllowedHeader", header);
            foreach (var header in rule.Exposed) xml.Element("ExposeHeader", header);
            if (rule.MaxAgeSeconds is { } seconds) xml.Element("MaxAgeSeconds", seconds);
            xml.End("CORSRule");
        }
        xml.End("CORSConfiguration");
        xml.Flush();
    }

    private static CorsRule ParseRule(XmlNode node)
    {
        var fields = new XmlFields(node);
        var id = fields.Text("ID");
        var methods = Texts(fields.Many("AllowedMethod"));
        var origins = Texts(fields.Many("AllowedOrigin"), mayBeEmpty: true); // AWS takes one that is empty; no origin is
        var headers = Texts(fields.Many("AllowedHeader"));
        var exposed = Texts(fields.Many("ExposeHeader"));
        var maxAge = fields.Optional("MaxAgeSeconds") is { } age ? Seconds(age) : (int?)null;
        fields.End();
        if (methods.Count == 0 || origins.Count == 0 || id?.Length > MaxIdLength) throw XmlNode.Malformed();
        foreach (var method in methods)
            if (!Methods.Contains(method)) throw Invalid($"Found unsupported HTTP method in CORS config. Unsupported method is {method}");
        foreach (var origin in origins)
            if (origin.Count(c => c == '*') > 1) throw Invalid($"AllowedOrigin \"{origin}\" can not have more than one wildcard.");
        foreach (var header in headers)
            if (header.Count(c => c == '*') > 1) throw Invalid($"AllowedHeader \"{header}\" can not have more than one wildcard.");
        foreach (var header in exposed)
            if (header.Contains('*'))
                throw Invalid($"ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
        return new CorsRule(id, methods, origins, headers, exposed, maxAge);
    }

    private static int Seconds(XmlNode node) =>
        int.TryParse(XmlFields.Leaf(node).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds : throw XmlNode.Malformed();

    /// <summary>All of these come back in response headers: printable ASCII only, so that none can break one.</summary>
    private static List<string> Texts(List<XmlNode> nodes, bool mayBeEmpty = false) => nodes.ConvertAll(node =>
    {
        var text = XmlFields.Leaf(node).Trim();
        if ((text.Length == 0 && !mayBeEmpty) || text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e')) throw XmlNode.Malformed();
        return text;
    });

    private static S3Exception Invalid(string message) => new(ErrorCode.InvalidRequest, message);
}
