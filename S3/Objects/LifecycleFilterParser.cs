using System.Globalization;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>The <c>Filter</c> of a lifecycle rule: at most one condition, or <c>And</c> with several.</summary>
internal static class LifecycleFilterParser
{
    public static LifecycleFilter Parse(XmlNode node)
    {
        if (node.Children.Count > 1) throw XmlNode.Malformed(); // several conditions go into And
        var fields = new XmlFields(node);
        var all = fields.Optional("And");
        if (all is null) return Conditions(node, LifecycleFilterForm.Filter);
        fields.End();
        return all.Children.Count > 0 ? Conditions(all, LifecycleFilterForm.And) : throw XmlNode.Malformed();
    }

    private static LifecycleFilter Conditions(XmlNode node, LifecycleFilterForm form)
    {
        var fields = new XmlFields(node);
        var prefix = fields.Text("Prefix");
        var tags = Tags(fields.Many("Tag"));
        var larger = fields.Optional("ObjectSizeGreaterThan") is { } least ? Size(least, "ObjectSizeGreaterThan") : (long?)null;
        var smaller = fields.Optional("ObjectSizeLessThan") is { } most ? Size(most, "ObjectSizeLessThan") : (long?)null;
        fields.End();
        if (smaller == 0) throw S3Exception.InvalidArgument("'ObjectSizeLessThan' must be a positive integer", "ObjectSizeLessThan", "0");
        if (larger >= smaller) throw LifecycleParser.Invalid("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
        return new LifecycleFilter(form, prefix is null ? null : LifecycleParser.Prefix(prefix), tags, larger, smaller);
    }

    /// <summary>Tags with AWS's rules for tags; their number is not limited to what an object can have, but no object has more.</summary>
    private static IReadOnlyDictionary<string, string>? Tags(List<XmlNode> nodes)
    {
        if (nodes.Count == 0) return null;
        var pairs = nodes.ConvertAll(node =>
        {
            var fields = new XmlFields(node);
            var pair = KeyValuePair.Create(XmlFields.Leaf(fields.Required("Key")), XmlFields.Leaf(fields.Required("Value")));
            fields.End();
            return pair;
        });
        if (pairs.DistinctBy(p => p.Key).Count() < pairs.Count) throw LifecycleParser.Invalid("Duplicate Tag Keys are not allowed.");
        return S3.Tags.Validate(pairs, S3.Tags.MaxObjectTags);
    }

    private static long Size(XmlNode node, string name)
    {
        var text = XmlFields.Leaf(node).Trim();
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size)) throw XmlNode.Malformed();
        return size >= 0 ? size : throw S3Exception.InvalidArgument($"'{name}' must be a nonnegative integer", name, text);
    }
}
