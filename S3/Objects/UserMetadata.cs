using System.Globalization;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>x-amz-meta-* headers.</summary>
public static class UserMetadata
{
    public const string Prefix = "x-amz-meta-";

    /// <summary>Names and values together, in bytes of UTF-8 (AWS: 2 KB).</summary>
    public const int MaxBytes = 2048;

    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>Names without the prefix, lower case; values decoded (RFC 2047), repeats joined by commas.</summary>
    /// <exception cref="S3Exception">MetadataTooLarge; InvalidArgument for control characters.</exception>
    public static IReadOnlyDictionary<string, string> Read(RequestHeaders headers)
    {
        Dictionary<string, string>? metadata = null;
        foreach (var (name, raw) in headers.Lines)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            var key = name[Prefix.Length..].ToLowerInvariant();
            var value = HeaderValues.Checked(name.ToLowerInvariant(), EncodedWord.Decode(RequestHeaders.DecodeText(raw)));
            metadata ??= [];
            metadata[key] = metadata.TryGetValue(key, out var before) ? before + "," + value : value;
        }
        if (metadata is null) return None;
        var size = metadata.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
        if (size > MaxBytes)
            throw new S3Exception(ErrorCode.MetadataTooLarge, null,
                ("Size", size.ToString(CultureInfo.InvariantCulture)), ("MaxSizeAllowed", MaxBytes.ToString(CultureInfo.InvariantCulture)));
        return metadata;
    }

    /// <summary>Gives each header to <paramref name="set"/>, values encoded so that any header can hold them.</summary>
    public static void Write(IReadOnlyDictionary<string, string> metadata, Action<string, string> set)
    {
        foreach (var (name, value) in metadata) set(Prefix + name, EncodedWord.Encode(value));
    }
}
