using System.Text;

namespace OrleansDfs.S3;

/// <summary>The fields of a browser form, names without regard to case, and the headers that they stand for.</summary>
public sealed class FormFields
{
    /// <summary>Fields that are a header of PutObject under the same name.</summary>
    private static readonly string[] Headers =
        ["Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires", "Content-MD5"];

    /// <summary>They say who signed, or how a body is framed: nothing about the file.</summary>
    private static readonly string[] NotHeaders =
        ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token"];

    private readonly List<KeyValuePair<string, string>> _fields = [];

    public IReadOnlyList<KeyValuePair<string, string>> All => _fields;

    /// <summary>Name of the uploaded file, without a path; empty when the form gave none.</summary>
    public string FileName { get; internal set; } = "";

    /// <summary>The first field of this name, or <c>null</c>.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (fieldName, value) in _fields)
                if (fieldName.Equals(name, StringComparison.OrdinalIgnoreCase)) return value;
            return null;
        }
    }

    /// <summary>The key with <c>${filename}</c> replaced: what the policy is held against and what is stored.</summary>
    /// <exception cref="S3Exception">InvalidArgument: no key.</exception>
    public string Key => this["key"] is { Length: > 0 } key
        ? key.Replace("${filename}", FileName, StringComparison.Ordinal)
        : throw Missing("key");

    public static S3Exception Missing(string name) => S3Exception.InvalidArgument(
        $"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields.", name, "");

    /// <exception cref="S3Exception">InvalidArgument: the same field twice. A policy would be held against one and the file made by the
    /// other.</exception>
    public void Add(string name, string value)
    {
        if (this[name] is not null && !IsIgnored(name))
            throw S3Exception.InvalidArgument($"The form has the field '{name}' more than once.", name, value);
        _fields.Add(new(name, value));
    }

    /// <summary>Fields named so are for the page's own use.</summary>
    internal static bool IsIgnored(string name) => name.StartsWith("x-ignore-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds the headers that a PutObject of the same file would have.</summary>
    /// <exception cref="S3Exception">InvalidArgument for control characters; MalformedXML, InvalidTag for the tagging field.</exception>
    public void AddHeaders(RequestHeaders headers)
    {
        foreach (var (name, value) in _fields)
        {
            if (name.Equals("acl", StringComparison.OrdinalIgnoreCase)) Add(headers, "x-amz-acl", value);
            else if (name.Equals("tagging", StringComparison.OrdinalIgnoreCase)) Add(headers, "x-amz-tagging", TaggingHeader(value));
            else if (IsHeader(name)) Add(headers, name, value);
        }
    }

    private static bool IsHeader(string name) => Headers.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !NotHeaders.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static void Add(RequestHeaders headers, string name, string value) =>
        headers.Add(name, HeaderValues.Raw(HeaderValues.Checked(name, value)));

    /// <summary>A form has tags as a document, a PUT as a query.</summary>
    private static string TaggingHeader(string document)
    {
        var tags = TaggingRequest.Parse(Encoding.UTF8.GetBytes(document), Tags.MaxObjectTags);
        return string.Join('&', tags.Select(tag => $"{Encode(tag.Key)}={Encode(tag.Value)}"));
    }

    private static string Encode(string text) => PercentEncoding.Encode(text, keepSlash: false);
}
