using System.Text;

namespace OrleansDfs.S3;

/// <summary>Values that come from a client and go back in a response header: a CR, LF or NUL in one would split or break the answer (S3.md §6,
/// 15).</summary>
public static class HeaderValues
{
    /// <exception cref="S3Exception">InvalidArgument: control characters.</exception>
    public static string Checked(string name, string value)
    {
        foreach (var c in value)
            if (c < ' ' && c != '\t' || c == '\x7f')
                throw new S3Exception(ErrorCode.InvalidArgument, $"Header value of {name} contains invalid character", ("ArgumentName", name));
        return value;
    }

    /// <summary>The UTF-8 bytes of a text, one character a byte, as a response header in ISO 8859-1 carries them.</summary>
    public static string Raw(string text) => Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
