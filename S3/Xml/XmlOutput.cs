using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// Writes S3's answers as UTF-8 straight into a buffer writer: no document tree, no strings in between. Element names are compile-time ASCII.
/// </summary>
/// <remarks>
/// Keys may hold control characters, which XML 1.0 cannot. As AWS does, they become character references (<c>&amp;#x1;</c>); the document is then not
/// well-formed for a strict parser, which is why clients ask for <c>encoding-type=url</c>. No key can make the answer fail or change its structure.
/// </remarks>
public ref struct XmlOutput(IBufferWriter<byte> output)
{
    public const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    private const int MinimumSpan = 512;

    private readonly IBufferWriter<byte> _output = output;
    private Span<byte> _span;
    private int _used;

    public void Declaration() => Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);

    /// <summary>Begins the document's element, in S3's namespace.</summary>
    public void Root(string name)
    {
        Declaration();
        Raw("<"u8);
        Ascii(name);
        Raw(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"u8);
    }

    public void Start(string name)
    {
        Raw("<"u8);
        Ascii(name);
        Raw(">"u8);
    }

    /// <summary>An element whose schema type stands in <c>xsi:type</c>.</summary>
    public void Typed(string name, string type)
    {
        Raw("<"u8);
        Ascii(name);
        Raw(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\""u8);
        Ascii(type);
        Raw("\">"u8);
    }

    public void End(string name)
    {
        Raw("</"u8);
        Ascii(name);
        Raw(">"u8);
    }

    public void Element(string name, string value)
    {
        if (value.Length == 0)
        {
            Raw("<"u8);
            Ascii(name);
            Raw("/>"u8);
            return;
        }
        Start(name);
        Text(value);
        End(name);
    }

    /// <summary>Writes nothing where there is no value.</summary>
    public void Optional(string name, string? value)
    {
        if (value is not null) Element(name, value);
    }

    public void Element(string name, long value)
    {
        Start(name);
        Utf8Formatter.TryFormat(value, Room(20), out var written);
        _used += written;
        End(name);
    }

    public void Element(string name, bool value)
    {
        Start(name);
        Raw(value ? "true"u8 : "false"u8);
        End(name);
    }

    /// <summary>ISO 8601 in UTC with milliseconds, as in <c>2009-10-12T17:50:30.000Z</c>. S3 knows whole seconds only and always writes
    /// <c>.000</c>.</summary>
    public void Element(string name, DateTimeOffset value)
    {
        Start(name);
        value.UtcDateTime.TryFormat(Room(32), out var written, "yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);
        _used += written;
        End(name);
    }

    /// <summary>An entity tag with its quotes.</summary>
    public void ETag(string value)
    {
        Start("ETag");
        Raw("&quot;"u8);
        Text(value);
        Raw("&quot;"u8);
        End("ETag");
    }

    public void Text(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var run = text.IndexOfAny(Escaped);
            if (run < 0) run = text.Length;
            Utf8(text[..run]);
            if (run == text.Length) return;
            Escape(text[run]);
            text = text[(run + 1)..];
        }
    }

    /// <summary>Gives what was written to the buffer writer. Nothing appears before.</summary>
    public void Flush()
    {
        if (_used > 0) _output.Advance(_used); // Kestrel's writer refuses an Advance that no GetSpan came before
        _used = 0;
        _span = default;
    }

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "&<>\"\r\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000b\u000c\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018" +
        "\u0019\u001a\u001b\u001c\u001d\u001e\u001f\u0000\ufffe\uffff");

    private void Escape(char c)
    {
        switch (c)
        {
            case '&': Raw("&amp;"u8); break;
            case '<': Raw("&lt;"u8); break;
            case '>': Raw("&gt;"u8); break;
            case '"': Raw("&quot;"u8); break;
            case '\r': Raw("&#13;"u8); break; // a bare CR would be read back as LF
            default:
                Raw("&#x"u8);
                Utf8Formatter.TryFormat((uint)c, Room(8), out var written, new StandardFormat('x'));
                _used += written;
                Raw(";"u8);
                break;
        }
    }

    private void Utf8(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            // Cut between characters, never inside a surrogate pair.
            var take = Math.Min(text.Length, 256);
            if (take < text.Length && char.IsHighSurrogate(text[take - 1])) take--;
            var room = Room(take * 3); // before _used is read: making room may start a new span
            _used += Encoding.UTF8.GetBytes(text[..take], room);
            text = text[take..];
        }
    }

    private void Ascii(string text)
    {
        var room = Room(text.Length);
        _used += Encoding.ASCII.GetBytes(text, room);
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _used += bytes.Length;
    }

    private Span<byte> Room(int bytes)
    {
        if (_span.Length - _used < bytes)
        {
            Flush();
            _span = _output.GetSpan(Math.Max(bytes, MinimumSpan));
        }
        return _span[_used..];
    }
}
