using System.Text.Json;

namespace OrleansDfs.S3;

/// <summary>
/// Reads a bucket policy. What is not understood is refused, never skipped: a statement that was read half would protect half. Words are AWS's where
/// they are known.
/// </summary>
internal static class PolicyParser
{
    private const string CurrentVersion = "2012-10-17"; // the one with policy variables
    private const string OlderVersion = "2008-10-17";
    private const string ResourcePrefix = "arn:aws:s3:::";
    private const int MaxPattern = 2048;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    private static readonly string[] S3Keys =
    [
        "s3:prefix", "s3:delimiter", "s3:max-keys", "s3:VersionId", "s3:RequestObjectTagKeys", "s3:if-none-match",
            "s3:if-match", "s3:signatureversion",
        "s3:authType", "s3:signatureAge", "s3:LocationConstraint", "s3:ResourceAccount", "s3:TlsVersion", "s3:object-lock-mode",
        "s3:object-lock-retain-until-date", "s3:object-lock-remaining-retention-days", "s3:object-lock-legal-hold", "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn", "s3:AccessPointNetworkOrigin", "s3:ObjectCreationOperation",
    ];

    /// <param name="bucket">The bucket of a bucket policy; <c>null</c> for an identity policy, which names no principal and any resource.</param>
    public static PolicyDocument Parse(ReadOnlyMemory<byte> json, string? bucket)
    {
        if (json.Length > PolicyDocument.MaxBytes) throw Malformed("Policy exceeds the maximum allowed document size.");
        if (json.Length == 0 || json.Span[0] != (byte)'{') throw Malformed("Policies must be valid JSON and the first byte must be '{'");
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return ParsePolicy(document.RootElement, bucket);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Malformed("This policy contains invalid Json"); // InvalidOperationException: a string that is no UTF-16, such as "\ud800"
        }
    }

    public static S3Exception Malformed(string message) => new(ErrorCode.MalformedPolicy, message);

    private static PolicyDocument ParsePolicy(JsonElement root, string? bucket)
    {
        var fields = Fields(root, "Version", "Id", "Statement");
        var version = fields.TryGetValue("Version", out var written) ? String(written) : OlderVersion;
        if (version is not (CurrentVersion or OlderVersion)) throw Malformed("The policy must contain a valid version string");
        if (fields.TryGetValue("Id", out var id)) String(id);
        if (!fields.TryGetValue("Statement", out var list)) throw Malformed("Missing required field Statement");
        var items = list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToArray() : [list];
        if (items.Length == 0) throw Malformed("Could not parse the policy: Statement is empty!");
        return new PolicyDocument(Array.ConvertAll(items, item => ParseStatement(item, bucket, version == CurrentVersion)));
    }

    private static PolicyStatement ParseStatement(JsonElement element, string? bucket, bool variables)
    {
        var fields = Fields(element, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition");
        if (fields.TryGetValue("Sid", out var sid)) String(sid);
        if (!fields.TryGetValue("Effect", out var effect)) throw Malformed("Missing required field Effect");
        var allows = String(effect) switch
        {
            "Allow" => true,
            "Deny" => false,
            var other => throw Malformed($"Invalid effect: {other}"),
        };
        var (who, notPrincipal) = ParseWho(fields, bucket);
        var (action, notAction) = OneOf(fields, "Action");
        var (resource, notResource) = OneOf(fields, "Resource");
        if (notPrincipal && allows) throw Malformed("Allow with NotPrincipal is not allowed.");
        var actions = Strings(action);
        if (actions.Count == 0 || !actions.All(bucket is null ? PolicyActions.IsKnownToIdentities : PolicyActions.IsKnown))
            throw Malformed("Policy has invalid action");
        var resources = Strings(resource).ConvertAll(r => bucket is null ? ParseArn(r) : ParseResource(r, bucket));
        if (resources.Count == 0) throw Malformed("Policy has invalid resource");
        if (bucket is not null && !notAction && !notResource) CheckApplicable(actions, resources);
        var conditions = fields.TryGetValue("Condition", out var condition) ? ParseConditions(condition) : [];
        return new PolicyStatement(allows, who, new PolicyNames(actions, notAction), new PolicyNames(resources, notResource), conditions, variables);
    }

    /// <summary>Every action must be about one of the resources, or the statement would say nothing.</summary>
    private static void CheckApplicable(List<string> actions, List<string> resources)
    {
        var buckets = resources.Any(r => r == "*" || !r.Contains('/') || r.EndsWith('*'));
        var objects = resources.Any(r => r.Contains('/') || r.Contains('*'));
        foreach (var action in actions)
            if (!(objects && PolicyActions.Covers(action, objects: true)) && !(buckets && PolicyActions.Covers(action, objects: false)))
                throw Malformed("Action does not apply to any resource(s) in statement");
    }

    private static string ParseResource(string text, string bucket)
    {
        if (text == "*") return text;
        if (!text.StartsWith(ResourcePrefix, StringComparison.Ordinal) || text.Length > MaxPattern) throw Malformed("Policy has invalid resource");
        var name = text[ResourcePrefix.Length..];
        var slash = name.IndexOf('/');
        var named = slash < 0 ? name : name[..slash];
        // "bucket*" covers keys too: '*' crosses slashes.
        if (!PolicyPattern.Matches(named, bucket)) throw Malformed("Policy has invalid resource");
        return name;
    }

    /// <summary>An identity policy is about whom it is attached to.</summary>
    private static (PolicyPrincipal Who, bool Not) ParseWho(Dictionary<string, JsonElement> fields, string? bucket)
    {
        if (bucket is null)
        {
            if (fields.ContainsKey("Principal") || fields.ContainsKey("NotPrincipal"))
                throw Malformed("Policy document should not specify a principal.");
            return (new PolicyPrincipal(true, [], false), false);
        }
        var (principal, not) = OneOf(fields, "Principal");
        return (ParsePrincipal(principal, not), not);
    }

    /// <summary>Whole, with its service: "everything in S3" must not mean users too.</summary>
    private static string ParseArn(string text)
    {
        if (text == "*") return text;
        var isArn = text.Split(':', 6) is ["arn", { Length: > 0 }, { Length: > 0 }, _, _, { Length: > 0 }];
        return isArn && text.Length <= MaxPattern ? text : throw Malformed($"Resource {text} must be in ARN format or \"*\".");
    }

    private static PolicyPrincipal ParsePrincipal(JsonElement element, bool allBut)
    {
        if (element.ValueKind == JsonValueKind.String)
            return element.GetString() == "*" ? new PolicyPrincipal(true, [], allBut) : throw Malformed("Invalid principal in policy");
        if (element.ValueKind != JsonValueKind.Object) throw Malformed("Invalid principal in policy");
        var everybody = false;
        var users = new List<string>();
        var seen = 0;
        foreach (var kind in element.EnumerateObject())
        {
            if (kind.Name is not ("AWS" or "CanonicalUser")) throw Malformed("Invalid principal in policy");
            foreach (var name in Strings(kind.Value))
            {
                seen++;
                if (name == "*" && kind.Name == "AWS") everybody = true;
                else users.Add(UserOf(name));
            }
        }
        return seen > 0 ? new PolicyPrincipal(everybody, users, allBut) : throw Malformed("Invalid principal in policy");
    }

    /// <summary>
    /// A user's name, or an ARN of IAM that ends in one: <c>arn:aws:iam::ACCOUNT:user/NAME</c>; <c>arn:aws:iam::NAME:root</c> is the user as an
    /// account.
    /// </summary>
    private static string UserOf(string principal)
    {
        if (principal.Length is 0 or > MaxPattern || principal.AsSpan().IndexOfAny("*?${}") >= 0) throw Malformed("Invalid principal in policy");
        if (!principal.StartsWith("arn:", StringComparison.Ordinal)) return principal;
        var parts = principal.Split(':');
        if (parts is not ["arn", "aws", "iam", "", var account, var name]) throw Malformed("Invalid principal in policy");
        if (name == "root" && account.Length > 0) return account;
        return name.StartsWith("user/", StringComparison.Ordinal) && name.Length > 5 ? name[5..] : throw Malformed("Invalid principal in policy");
    }

    private static List<PolicyCondition> ParseConditions(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Malformed("Condition must be an object");
        var conditions = new List<PolicyCondition>();
        foreach (var block in element.EnumerateObject())
        {
            if (!ConditionTests.TryParse(block.Name, out var test, out var negated, out var ifExists, out var set))
                throw Malformed($"Invalid Condition type : {block.Name}");
            if (block.Value.ValueKind != JsonValueKind.Object) throw Malformed("Invalid Condition");
            foreach (var key in block.Value.EnumerateObject())
            {
                if (!IsKey(key.Name)) throw Malformed("Policy has an invalid condition key");
                var values = Strings(key.Value, scalars: true);
                foreach (var value in values)
                    if (!ConditionTests.IsValid(test, value)) throw Malformed($"Invalid value '{value}' for condition {block.Name}");
                conditions.Add(new PolicyCondition(test, negated, ifExists, set, key.Name, values));
            }
        }
        return conditions;
    }

    /// <summary>A key of AWS that this server has no value for is legal: it is missing in every request, as on AWS outside of its context.</summary>
    private static bool IsKey(string name) =>
        (name.StartsWith("aws:", StringComparison.OrdinalIgnoreCase) && name.Length > 4)
        || S3Keys.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (name.StartsWith("s3:x-amz-", StringComparison.OrdinalIgnoreCase) && name.Length > 9)
        || (name.StartsWith("s3:ExistingObjectTag/", StringComparison.OrdinalIgnoreCase) && name.Length > 21)
        || (name.StartsWith("s3:RequestObjectTag/", StringComparison.OrdinalIgnoreCase) && name.Length > 20);

    private static (JsonElement Value, bool Not) OneOf(Dictionary<string, JsonElement> fields, string name)
    {
        var has = fields.TryGetValue(name, out var value);
        if (!fields.TryGetValue("Not" + name, out var not)) return has ? (value, false) : throw Malformed($"Missing required field {name}");
        return has ? throw Malformed($"{name} and Not{name} cannot be specified together") : (not, true);
    }

    private static Dictionary<string, JsonElement> Fields(JsonElement element, params ReadOnlySpan<string> known)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Malformed("Invalid policy syntax.");
        var fields = new Dictionary<string, JsonElement>();
        foreach (var field in element.EnumerateObject())
        {
            if (!known.Contains(field.Name)) throw Malformed($"Unknown field {field.Name}");
            if (!fields.TryAdd(field.Name, field.Value)) throw Malformed($"Duplicate field {field.Name}");
        }
        return fields;
    }

    private static string String(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Malformed("Invalid policy syntax.");

    private static List<string> Strings(JsonElement element, bool scalars = false)
    {
        var list = new List<string>();
        if (element.ValueKind == JsonValueKind.Array)
            foreach (var item in element.EnumerateArray()) list.Add(Scalar(item));
        else list.Add(Scalar(element));
        return list;

        string Scalar(JsonElement item) => item.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number && scalars
            ? item.GetRawText()
            : String(item);
    }
}
