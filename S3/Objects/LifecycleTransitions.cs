using System.Globalization;

namespace OrleansDfs.S3;

/// <summary>
/// Transitions are understood and refused: storage classes are labels here, no class is cheaper than another, and a rule that was accepted and never
/// carried out would promise a saving that nobody makes. What is wrong with one by AWS's own rules is said first.
/// </summary>
internal static class LifecycleTransitions
{
    private static readonly string[] Classes = ["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

    public static void Refuse(List<XmlNode> transitions, List<XmlNode> noncurrent)
    {
        foreach (var node in transitions)
        {
            var fields = new XmlFields(node);
            var (days, date) = (fields.Optional("Days"), fields.Optional("Date"));
            if (days is null == date is null) throw XmlNode.Malformed();
            if (days is not null) NotNegative(days, "Days", "Transition");
            if (date is not null) LifecycleParser.Midnight(date);
            CheckClass(fields.Token("StorageClass"));
            fields.End();
        }
        foreach (var node in noncurrent)
        {
            var fields = new XmlFields(node);
            NotNegative(fields.Required("NoncurrentDays"), "NoncurrentDays", "NoncurrentVersionTransition");
            if (fields.Optional("NewerNoncurrentVersions") is { } newer)
                LifecycleParser.Days(newer, "NewerNoncurrentVersions", "NoncurrentVersionTransition");
            CheckClass(fields.Token("StorageClass"));
            fields.End();
        }
        if (transitions.Count > 0) throw NotImplemented("Transition");
        if (noncurrent.Count > 0) throw NotImplemented("NoncurrentVersionTransition");
    }

    private static void NotNegative(XmlNode node, string name, string action)
    {
        var text = XmlFields.Leaf(node).Trim();
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var days)) throw XmlNode.Malformed();
        if (days is < 0 or > int.MaxValue) throw S3Exception.InvalidArgument($"'{name}' in {action} action must be nonnegative", name, text);
    }

    private static void CheckClass(string? name)
    {
        if (name is null || !Classes.Contains(name)) throw XmlNode.Malformed();
    }

    private static S3Exception NotImplemented(string action) => new(ErrorCode.NotImplemented,
        $"The lifecycle action {action} is not implemented by this server: its storage classes do not differ in how bytes are kept.");
}
