using System.Globalization;

namespace OrleansDfs.S3;

/// <summary>
/// The children of an element, taken by name; what is left over was not expected. A document with an element that means nothing here is refused,
/// because ignoring it would do something else than the client asked for.
/// </summary>
internal ref struct XmlFields(XmlNode node)
{
    private readonly XmlNode _node = node;
    private int _taken;

    /// <summary>The one child of this name, or <c>null</c>.</summary>
    public XmlNode? Optional(string name)
    {
        XmlNode? found = null;
        foreach (var child in _node.Children)
        {
            if (child.Name != name) continue;
            if (found is not null) throw XmlNode.Malformed();
            found = child;
            _taken++;
        }
        return found;
    }

    public XmlNode Required(string name) => Optional(name) ?? throw XmlNode.Malformed();

    public List<XmlNode> Many(string name)
    {
        var found = new List<XmlNode>();
        foreach (var child in _node.Children)
            if (child.Name == name) found.Add(child);
        _taken += found.Count;
        return found;
    }

    /// <summary>Text of an optional leaf.</summary>
    public string? Text(string name) => Optional(name) is { } leaf ? Leaf(leaf) : null;

    /// <summary>Trimmed text of an optional leaf, <c>null</c> when empty.</summary>
    public string? Token(string name) => Text(name)?.Trim() is { Length: > 0 } token ? token : null;

    public bool Boolean(string name) => Token(name) switch
    {
        null => false,
        var text when text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        _ => throw XmlNode.Malformed(),
    };

    public int Integer(string name) =>
        int.TryParse(Token(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw XmlNode.Malformed();

    /// <summary>Nothing else may be there.</summary>
    public readonly void End()
    {
        if (_taken != _node.Children.Count) throw XmlNode.Malformed();
    }

    public static string Leaf(XmlNode node) => node.Children.Count == 0 ? node.Text : throw XmlNode.Malformed();
}
