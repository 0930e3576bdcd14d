using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansDfs.S3;

/// <summary>
/// The policy document of a browser form (AWS, "Creating a POST policy"): until when, and what every field may be. It is the only thing that the
/// signature
/// covers, so a field that no condition names is refused.
/// </summary>
public sealed class PostPolicy
{
    private const int MaxDepth = 8;

    /// <summary>Fields that need no condition.</summary>
    private static readonly string[] Exempt = ["policy", "file", "x-amz-signature", "signature", "AWSAccessKeyId"];

    private readonly List<PostCondition> _conditions = [];
    private readonly DateTimeOffset _expiration;

    /// <summary>Conditions that nothing can meet, as AWS takes these: well formed, and about no field or no number.</summary>
    private readonly List<string> _hopeless = [];

    private PostPolicy(DateTimeOffset expiration) => _expiration = expiration;

    /// <summary>Least size of the file in bytes.</summary>
    public long MinimumLength { get; private set; }

    /// <summary>Greatest size of the file in bytes.</summary>
    public long MaximumLength { get; private set; } = long.MaxValue;

    /// <param name="base64">The field <c>policy</c>.</param>
    /// <exception cref="S3Exception">InvalidPolicyDocument.</exception>
    public static PostPolicy Parse(string base64)
    {
        try
        {
            using var document = JsonDocument.Parse(Unescape(Decode(base64)), new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // half a surrogate pair is the latter
        {
            throw Invalid("Invalid JSON.");
        }
    }

    /// <summary>Holds a form against the policy.</summary>
    /// <param name="bucket">The bucket of the URL, whatever the form says.</param>
    /// <exception cref="S3Exception">AccessDenied, <c>Invalid according to Policy</c>.</exception>
    public void Check(FormFields fields, string bucket, DateTimeOffset now)
    {
        if (now >= _expiration) throw Refused("Policy expired.");
        foreach (var condition in _conditions)
        {
            var value = condition.Field switch
            {
                "bucket" => bucket,
                "key" => fields.Key,
                var name => fields[name] ?? "",
            };
            if (!condition.Holds(value)) throw Refused($"Policy Condition failed: {condition}");
        }
        if (_hopeless.Count > 0) throw Refused($"Policy Condition failed: {_hopeless[0]}");
        var extra = fields.All.Select(field => field.Key.ToLowerInvariant()).Append("bucket").Distinct().Where(name => !IsCovered(name)).ToArray();
        if (extra.Length > 0) throw Refused($"Extra input fields: {string.Join(", ", extra)}");
    }

    private bool IsCovered(string name) => Exempt.Contains(name, StringComparer.OrdinalIgnoreCase) || FormFields.IsIgnored(name)
        || _conditions.Exists(condition => condition.Field == name);

    private static PostPolicy Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Invalid("Invalid JSON.");
        JsonElement? expiration = null, conditions = null;
        foreach (var property in root.EnumerateObject())
        {
            // Names are case-sensitive, and a name that means nothing must not be passed over.
            if (property.NameEquals("expiration") && expiration is null) expiration = property.Value;
            else if (property.NameEquals("conditions") && conditions is null) conditions = property.Value;
            else throw Invalid($"Unexpected: '{property.Name}'");
        }
        if (expiration is not { } until) throw Invalid("Policy missing expiration.");
        if (conditions is not { } list) throw Invalid("Policy missing conditions.");
        if (list.ValueKind != JsonValueKind.Array) throw Invalid("Invalid 'conditions' value: must be a List.");
        var policy = new PostPolicy(ReadExpiration(until));
        foreach (var condition in list.EnumerateArray()) policy.Add(condition);
        return policy;
    }

    private void Add(JsonElement condition)
    {
        if (condition.ValueKind == JsonValueKind.Object) AddSimple(condition);
        else if (condition.ValueKind == JsonValueKind.Array) AddList([.. condition.EnumerateArray()]);
        else throw Invalid("Invalid Condition: must be a List or an Object.");
    }

    private void AddSimple(JsonElement condition)
    {
        var properties = condition.EnumerateObject().ToArray();
        if (properties.Length != 1) throw Invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
        _conditions.Add(new PostCondition(properties[0].Name.ToLowerInvariant(), Text(properties[0].Value), IsPrefix: false));
    }

    private void AddList(JsonElement[] parts)
    {
        var isOperator = parts.Length > 0 && parts[0].ValueKind == JsonValueKind.String;
        switch (isOperator ? parts[0].GetString()!.ToLowerInvariant() : "")
        {
            case "content-length-range" when parts.Length == 3 && parts.Skip(1).Any(IsNoNumber):
            case "eq" or "starts-with" when parts.Length == 3 && Text(parts[1]) is not ['$', _, ..]:
                _hopeless.Add($"[{string.Join(", ", parts.Select(part => $"\"{Text(part)}\""))}]");
                break;
            case "content-length-range" when parts.Length == 3:
                // Several ranges must all hold.
                MinimumLength = Math.Max(MinimumLength, Number(parts[1]));
                MaximumLength = Math.Min(MaximumLength, Number(parts[2]));
                break;
            case "eq" or "starts-with" when parts.Length == 3:
                var field = Text(parts[1]);
                var isPrefix = parts[0].GetString()!.Equals("starts-with", StringComparison.OrdinalIgnoreCase);
                _conditions.Add(new PostCondition(field[1..].ToLowerInvariant(), Text(parts[2]), isPrefix));
                break;
            case "content-length-range" or "eq" or "starts-with":
                throw Invalid($"Invalid Condition: wrong number of arguments for '{parts[0].GetString()}'.");
            default:
                throw Invalid("Invalid Condition: unknown operation.");
        }
    }

    private static DateTimeOffset ReadExpiration(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid("Invalid 'expiration' value: must be a String.");
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];
        return DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Invalid($"Invalid 'expiration' value: '{text}'");
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(), // success_action_status: 201
        _ => throw Invalid("Invalid Condition: values must be Strings."),
    };

    private static bool IsNoNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
        && !long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static long Number(JsonElement value) =>
        long.TryParse(Text(value), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Invalid("Invalid Condition: 'content-length-range' needs two whole numbers.");

    private static string Decode(string base64)
    {
        try
        {
            return PercentEncoding.StrictUtf8.GetString(Convert.FromBase64String(base64)); // white space between is allowed
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            throw Invalid("Invalid Base64 encoding.");
        }
    }

    /// <summary>AWS's documents write <c>\$</c> and <c>\v</c>, which JSON does not know.</summary>
    private static string Unescape(string json)
    {
        if (!json.Contains('\\')) return json;
        var result = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] != '\\' || i + 1 == json.Length) result.Append(json[i]);
            else if (json[++i] == '$') result.Append('$');
            else if (json[i] == 'v') result.Append("\\u000b");
            else result.Append('\\').Append(json[i]);
        }
        return result.ToString();
    }

    private static S3Exception Invalid(string why) => new(ErrorCode.InvalidPolicyDocument, $"Invalid Policy: {why}");

    private static S3Exception Refused(string why) => new(ErrorCode.AccessDenied, $"Invalid according to Policy: {why}");
}

/// <summary>What a policy demands of one field.</summary>
/// <param name="Field">Lower case.</param>
internal sealed record PostCondition(string Field, string Value, bool IsPrefix)
{
    public bool Holds(string given)
    {
        if (!IsPrefix) return given == Value;
        if (Value.Length == 0) return true;
        // A content type may be a list; each of its members must begin so.
        return Field == "content-type" && given.Contains(',')
            ? given.Split(',', StringSplitOptions.TrimEntries).All(type => type.StartsWith(Value, StringComparison.Ordinal))
            : given.StartsWith(Value, StringComparison.Ordinal);
    }

    public override string ToString() => $"[\"{(IsPrefix ? "starts-with" : "eq")}\", \"${Field}\", \"{Value}\"]";
}
