using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>What answers say about a bucket's lifecycle: its document, and the headers of the files it will end.</summary>
public static class LifecycleResults
{
    public const string TransitionMinimumSizeHeader = "x-amz-transition-default-minimum-object-size";

    private const string DefaultTransitionMinimumSize = "all_storage_classes_128K";

    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static string ReadTransitionMinimumSize(RequestHeaders headers) => headers[TransitionMinimumSizeHeader] switch
    {
        null => DefaultTransitionMinimumSize,
        DefaultTransitionMinimumSize or "varies_by_storage_class" => headers[TransitionMinimumSizeHeader]!,
        var other => throw new S3Exception(ErrorCode.InvalidRequest, $"Invalid TransitionDefaultMinimumObjectSize found: {other}"),
    };

    public static void Write(IBufferWriter<byte> output, LifecycleConfiguration configuration)
    {
        var xml = new XmlOutput(output);
        xml.Root("LifecycleConfiguration");
        foreach (var rule in configuration.Rules)
        {
            xml.Start("Rule");
            WriteExpiration(ref xml, rule);
            xml.Element("ID", rule.Id);
            if (rule.Filter.Form == LifecycleFilterForm.Prefix) xml.Element("Prefix", rule.Filter.Prefix ?? "");
            else WriteFilter(ref xml, rule.Filter);
            xml.Element("Status", rule.Enabled ? "Enabled" : "Disabled");
            WriteOthers(ref xml, rule);
            xml.End("Rule");
        }
        xml.End("LifecycleConfiguration");
        xml.Flush();
    }

    /// <summary>Value of <c>x-amz-expiration</c>. The rule's name is encoded, for it may hold anything.</summary>
    public static string Expiration(LifecycleExpiry expiry) =>
        $"expiry-date=\"{HttpDate.Format(expiry.At)}\", rule-id=\"{EncodedRule(expiry)}\"";

    /// <summary>Value of <c>x-amz-abort-rule-id</c>, beside an <c>x-amz-abort-date</c>.</summary>
    public static string EncodedRule(LifecycleExpiry expiry) => PercentEncoding.Encode(expiry.Rule, keepSlash: false);

    private static void WriteExpiration(ref XmlOutput xml, LifecycleRule rule)
    {
        if (rule.ExpirationDays is null && rule.ExpirationDate is null && rule.ExpiredObjectDeleteMarker is null) return;
        xml.Start("Expiration");
        if (rule.ExpirationDays is { } days) xml.Element("Days", days);
        if (rule.ExpirationDate is { } date) xml.Element("Date", date);
        if (rule.ExpiredObjectDeleteMarker is { } marker) xml.Element("ExpiredObjectDeleteMarker", marker);
        xml.End("Expiration");
    }

    private static void WriteFilter(ref XmlOutput xml, LifecycleFilter filter)
    {
        xml.Start("Filter");
        if (filter.Form == LifecycleFilterForm.And) xml.Start("And");
        if (filter.LargerThan is { } larger) xml.Element("ObjectSizeGreaterThan", larger);
        if (filter.SmallerThan is { } smaller) xml.Element("ObjectSizeLessThan", smaller);
        xml.Optional("Prefix", filter.Prefix);
        foreach (var (key, value) in filter.Tags ?? new Dictionary<string, string>())
        {
            xml.Start("Tag");
            xml.Element("Key", key);
            xml.Element("Value", value);
            xml.End("Tag");
        }
        if (filter.Form == LifecycleFilterForm.And) xml.End("And");
        xml.End("Filter");
    }

    private static void WriteOthers(ref XmlOutput xml, LifecycleRule rule)
    {
        if (rule.NoncurrentDays is { } days)
        {
            xml.Start("NoncurrentVersionExpiration");
            if (rule.NewerNoncurrentVersions is { } newer) xml.Element("NewerNoncurrentVersions", newer);
            xml.Element("NoncurrentDays", days);
            xml.End("NoncurrentVersionExpiration");
        }
        if (rule.AbortUploadDays is not { } after) return;
        xml.Start("AbortIncompleteMultipartUpload");
        xml.Element("DaysAfterInitiation", after);
        xml.End("AbortIncompleteMultipartUpload");
    }
}
