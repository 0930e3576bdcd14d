using System.Text;
using System.Xml;

namespace OrleansDfs.S3;

/// <summary>
/// An element of a request document. Documents are read under limits: no DTD (so no entity can expand), <see cref="MaxDepth"/> levels, a size that
/// the caller caps before reading, S3's namespace or none.
/// </summary>
public sealed class XmlNode
{
    public const int MaxDepth = 16;

    /// <summary>Namespace of <c>xsi:type</c>.</summary>
    public const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

    private const string Declarations = "http://www.w3.org/2000/xmlns/";

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CheckCharacters = false, // a key with a control character is written as a character reference, which XML 1.0 forbids and clients send
    };

    private readonly List<XmlNode> _children = [];
    private readonly StringBuilder _text = new();
    private List<(string Name, string Namespace, string Value)>? _attributes;

    private XmlNode(string name) => Name = name;

    public string Name { get; }

    public IReadOnlyList<XmlNode> Children => _children;

    /// <summary>Text of a leaf, as it stands: white space in a key counts.</summary>
    public string Text => _text.ToString();

    /// <summary>An attribute of a namespace of its own, such as <c>xsi:type</c>. Others mean nothing in S3's documents and are not kept.</summary>
    public string? Attribute(string name, string of)
    {
        foreach (var (attribute, space, value) in _attributes ?? [])
            if (attribute == name && space == of) return value;
        return null;
    }

    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static XmlNode Parse(ReadOnlySpan<byte> utf8, string rootName)
    {
        XmlNode? root;
        try
        {
            var text = PercentEncoding.StrictUtf8.GetString(utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8);
            using var reader = XmlReader.Create(new StringReader(text), Settings);
            root = Read(reader);
        }
        catch (Exception e) when (e is XmlException or DecoderFallbackException)
        {
            throw Malformed();
        }
        return root?.Name == rootName ? root : throw Malformed();
    }

    public static S3Exception Malformed() => new(ErrorCode.MalformedXML);

    private static XmlNode? Read(XmlReader reader)
    {
        XmlNode? root = null;
        var open = new Stack<XmlNode>();
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (reader.Depth >= MaxDepth || !IsKnown(reader.NamespaceURI, reader.LocalName)) throw Malformed();
                    var node = new XmlNode(reader.LocalName);
                    if (open.TryPeek(out var parent)) parent._children.Add(node);
                    root ??= node;
                    node.ReadAttributes(reader);
                    if (!reader.IsEmptyElement) open.Push(node);
                    break;
                case XmlNodeType.EndElement:
                    var closed = open.Pop();
                    if (closed._children.Count == 0)
                    {
                        if (!IsText(closed.Text)) throw Malformed();
                        break;
                    }
                    if (!closed.Text.AsSpan().IsWhiteSpace()) throw Malformed(); // text between elements
                    closed._text.Clear();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    if (open.TryPeek(out var holder)) holder._text.Append(reader.Value);
                    break;
                case XmlNodeType.XmlDeclaration:
                    break;
                default:
                    throw Malformed();
            }
        }
        return root;
    }

    /// <summary>References can write half a surrogate pair, which is no character: it could not be stored and shown again.</summary>
    private static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }

    /// <summary>The .NET SDK writes <c>xsi:Grantee</c>, and AWS takes it.</summary>
    private static bool IsKnown(string space, string name) => space is "" or XmlOutput.Namespace || (space == SchemaInstance && name == "Grantee");

    private void ReadAttributes(XmlReader reader)
    {
        while (reader.MoveToNextAttribute())
            if (reader.NamespaceURI is not ("" or Declarations)) (_attributes ??= []).Add((reader.LocalName, reader.NamespaceURI, reader.Value));
        reader.MoveToElement();
    }
}
