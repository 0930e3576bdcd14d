using System.Buffers;
using System.Globalization;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>What GetObjectAttributes asks for.</summary>
/// <param name="MaxParts">0–1000; S3 cuts a larger wish to 1000.</param>
/// <param name="PartNumberMarker">Parts after this number.</param>
public sealed record ObjectAttributes(IReadOnlySet<string> Wanted, int MaxParts, int PartNumberMarker)
{
    public const string ETag = "ETag";
    public const string Checksum = "Checksum";
    public const string ObjectParts = "ObjectParts";
    public const string StorageClass = "StorageClass";
    public const string ObjectSize = "ObjectSize";

    private const int MaxLimit = 1000;

    private static readonly string[] Known = [ETag, Checksum, ObjectParts, StorageClass, ObjectSize];

    /// <exception cref="S3Exception">InvalidRequest where none is named; InvalidArgument for one that does not exist, or a bad number.</exception>
    public static ObjectAttributes Read(RequestHeaders headers)
    {
        var names = (headers["x-amz-object-attributes"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
            throw new S3Exception(ErrorCode.InvalidRequest,
                "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty");
        foreach (var name in names)
            if (!Known.Contains(name)) throw S3Exception.InvalidArgument("Invalid attribute name specified.", "x-amz-object-attributes", name);
        return new ObjectAttributes(names.ToHashSet(), Math.Min(Number(headers, "x-amz-max-parts", MaxLimit), MaxLimit),
            Number(headers, "x-amz-part-number-marker", 0));
    }

    /// <param name="parts">All parts of the version in order; empty for a plain one.</param>
    public void Write(IBufferWriter<byte> output, FileVersion version, IReadOnlyList<VersionPart> parts)
    {
        var xml = new XmlOutput(output);
        xml.Root("GetObjectAttributesResponse");
        if (Wanted.Contains(ETag)) xml.Element("ETag", version.ETag); // without quotes, unlike everywhere else
        if (Wanted.Contains(Checksum) && version.Properties.Checksum is { } checksum)
        {
            xml.Start("Checksum");
            // Here a composite value stands without its "-N", unlike everywhere else: the number is PartsCount.
            ObjectResults.WriteChecksum(ref xml, checksum with { Value = checksum.Value.Split('-')[0] }, withType: true);
            xml.End("Checksum");
        }
        if (Wanted.Contains(ObjectParts) && parts.Count > 0) WriteParts(ref xml, parts);
        if (Wanted.Contains(StorageClass)) xml.Element("StorageClass", version.Properties.StorageClass ?? ObjectHeaders.StandardStorageClass);
        if (Wanted.Contains(ObjectSize)) xml.Element("ObjectSize", version.Size);
        xml.End("GetObjectAttributesResponse");
        xml.Flush();
    }

    private void WriteParts(ref XmlOutput xml, IReadOnlyList<VersionPart> parts)
    {
        var page = parts.Where(part => part.Number > PartNumberMarker).Take(MaxParts).ToArray();
        xml.Start("ObjectParts");
        xml.Element("PartsCount", parts.Count);
        xml.Element("PartNumberMarker", PartNumberMarker);
        xml.Element("NextPartNumberMarker", page.Length > 0 ? page[^1].Number : 0);
        xml.Element("MaxParts", MaxParts);
        xml.Element("IsTruncated", page.Length > 0 && page[^1].Number < parts[^1].Number);
        foreach (var part in page)
        {
            xml.Start("Part");
            xml.Element("PartNumber", part.Number);
            xml.Element("Size", part.Size);
            ObjectResults.WriteChecksum(ref xml, part.Checksum, withType: false);
            xml.End("Part");
        }
        xml.End("ObjectParts");
    }

    private static int Number(RequestHeaders headers, string name, int otherwise)
    {
        if (headers[name] is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        throw S3Exception.InvalidArgument($"Provided {name} not an integer or within integer range", name, text);
    }
}
