using System.Globalization;
using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>
/// Body of PutBucketLifecycleConfiguration, in its present form and the older one with a <c>Prefix</c> beside the actions. What does not fit the
/// schema is MalformedXML; what fits and makes no sense gets the code and words of AWS.
/// </summary>
public static class LifecycleParser
{
    /// <summary>Largest body read. A thousand usual rules are half of it, and the bucket's settings must fit into one message between
    /// processes.</summary>
    public const int MaxBytes = 512 * 1024;

    private const int MaxIdLength = 255;

    /// <exception cref="S3Exception">MalformedXML, InvalidRequest, InvalidArgument, InvalidTag; NotImplemented for transitions.</exception>
    public static IReadOnlyList<LifecycleRule> Parse(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "LifecycleConfiguration"));
        var nodes = fields.Many("Rule");
        fields.End();
        if (nodes.Count == 0) throw XmlNode.Malformed();
        if (nodes.Count > LifecycleConfiguration.MaxRules)
            throw Invalid($"The number of lifecycle rules must not exceed the allowed limit of {LifecycleConfiguration.MaxRules} rules");
        var rules = nodes.ConvertAll(ParseRule);
        var older = rules.Count(r => r.Filter.Form == LifecycleFilterForm.Prefix);
        if (older > 0 && older < rules.Count) throw Mixed();
        if (rules.DistinctBy(r => r.Id).Count() < rules.Count)
            throw new S3Exception(ErrorCode.InvalidArgument, "Rule ID must be unique. Found same ID for more than one rule");
        return rules;
    }

    private static LifecycleRule ParseRule(XmlNode node)
    {
        var fields = new XmlFields(node);
        var id = fields.Text("ID");
        var status = fields.Text("Status");
        var prefix = fields.Text("Prefix");
        var filter = fields.Optional("Filter");
        var expiration = fields.Optional("Expiration");
        var noncurrent = fields.Optional("NoncurrentVersionExpiration");
        var abort = fields.Optional("AbortIncompleteMultipartUpload");
        var transitions = fields.Many("Transition");
        var noncurrentTransitions = fields.Many("NoncurrentVersionTransition");
        fields.End();
        if (id?.Length > MaxIdLength)
            throw S3Exception.InvalidArgument($"ID length should not exceed allowed limit of {MaxIdLength}", "ID", id);
        if (status is not ("Enabled" or "Disabled")) throw XmlNode.Malformed();
        if (filter is not null && prefix is not null) throw Mixed();
        if (filter is null && prefix is null) throw XmlNode.Malformed();

        var rule = new LifecycleRule(
            string.IsNullOrEmpty(id) ? Guid.NewGuid().ToString() : id, // AWS makes up a name too
            status == "Enabled",
            filter is null
                ? new LifecycleFilter(LifecycleFilterForm.Prefix, Prefix(prefix!), null, null, null)
                : LifecycleFilterParser.Parse(filter));
        if (expiration is not null) rule = WithExpiration(rule, expiration);
        if (noncurrent is not null) rule = WithNoncurrent(rule, noncurrent);
        if (abort is not null) rule = WithAbort(rule, abort);
        LifecycleTransitions.Refuse(transitions, noncurrentTransitions);
        if (expiration is null && noncurrent is null && abort is null) throw Invalid("At least one action needs to be specified in a rule");
        return rule;
    }

    private static LifecycleRule WithExpiration(LifecycleRule rule, XmlNode node)
    {
        var fields = new XmlFields(node);
        var days = fields.Optional("Days");
        var date = fields.Optional("Date");
        var marker = fields.Optional("ExpiredObjectDeleteMarker");
        bool? removesMarkers = marker is null ? null : Boolean(marker);
        fields.End();
        if ((days is null ? 0 : 1) + (date is null ? 0 : 1) + (marker is null ? 0 : 1) != 1) throw XmlNode.Malformed();
        if (removesMarkers is not null && rule.Filter.Tags is { Count: > 0 })
            throw Invalid("ExpiredObjectDeleteMarker cannot be specified with Tags.");
        if (removesMarkers is not null && HasSize(rule.Filter)) throw Invalid("ExpiredObjectDeleteMarker cannot be specified with Object Size.");
        return rule with
        {
            ExpirationDays = days is null ? null : Days(days, "Days", "Expiration"),
            ExpirationDate = date is null ? null : Midnight(date),
            ExpiredObjectDeleteMarker = removesMarkers,
        };
    }

    private static LifecycleRule WithNoncurrent(LifecycleRule rule, XmlNode node)
    {
        const string action = "NoncurrentVersionExpiration";
        var fields = new XmlFields(node);
        var days = Days(fields.Required("NoncurrentDays"), "NoncurrentDays", action);
        int? newer = fields.Optional("NewerNoncurrentVersions") is { } kept ? Days(kept, "NewerNoncurrentVersions", action) : null;
        fields.End();
        if (newer is not null && rule.Filter.Form == LifecycleFilterForm.Prefix)
            throw Invalid("NewerNoncurrentVersions element can only be used in Lifecycle V2.");
        if (newer > 100)
            throw S3Exception.InvalidArgument(
                $"'NewerNoncurrentVersions' for {action} action must be between 1 and 100", "NewerNoncurrentVersions", $"{newer}");
        return rule with { NoncurrentDays = days, NewerNoncurrentVersions = newer };
    }

    private static LifecycleRule WithAbort(LifecycleRule rule, XmlNode node)
    {
        var fields = new XmlFields(node);
        var days = Days(fields.Required("DaysAfterInitiation"), "DaysAfterInitiation", "AbortIncompleteMultipartUpload");
        fields.End();
        if (rule.Filter.Tags is { Count: > 0 }) throw Invalid("AbortIncompleteMultipartUpload cannot be specified with Tags.");
        if (HasSize(rule.Filter)) throw Invalid("AbortIncompleteMultipartUpload cannot be specified with Object Size.");
        return rule with { AbortUploadDays = days };
    }

    internal static string Prefix(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > ObjectKey.MaxBytes) throw Invalid($"The maximum size of a prefix is {ObjectKey.MaxBytes}.");
        return text.Contains('\0', StringComparison.Ordinal) ? throw XmlNode.Malformed() : text; // no key has one, no database keeps one
    }

    /// <summary>A whole number that must be positive.</summary>
    internal static int Days(XmlNode node, string name, string action)
    {
        var text = XmlFields.Leaf(node).Trim();
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var days)) throw XmlNode.Malformed();
        return days is > 0 and <= int.MaxValue
            ? (int)days
            : throw S3Exception.InvalidArgument($"'{name}' for {action} action must be a positive integer", name, text);
    }

    internal static DateTimeOffset Midnight(XmlNode node)
    {
        var text = XmlFields.Leaf(node).Trim();
        string[] forms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyyMMdd'T'HHmmssK"];
        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, styles, out var date)) throw XmlNode.Malformed();
        return date.TimeOfDay == TimeSpan.Zero ? date : throw S3Exception.InvalidArgument("'Date' must be at midnight GMT", "Date", text);
    }

    internal static S3Exception Invalid(string message) => new(ErrorCode.InvalidRequest, message);

    private static bool HasSize(LifecycleFilter filter) => filter.LargerThan is not null || filter.SmallerThan is not null;

    private static bool Boolean(XmlNode node) => XmlFields.Leaf(node).Trim().ToLowerInvariant() switch
    {
        "true" => true,
        "false" => false,
        _ => throw XmlNode.Malformed(),
    };

    private static S3Exception Mixed() =>
        Invalid("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
}
