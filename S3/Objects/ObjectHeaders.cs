using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Between the headers of a request or answer and a file's properties.</summary>
public static class ObjectHeaders
{
    public const string DefaultContentType = "binary/octet-stream";
    public const string StandardStorageClass = "STANDARD";

    /// <summary>Classes taken as a label. Those that would need a restore before a read are refused, not faked.</summary>
    private static readonly string[] StorageClasses =
        [StandardStorageClass, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];

    /// <summary>What PutObject, CreateMultipartUpload and CopyObject with REPLACE say about the file.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidStorageClass, InvalidRedirectLocation, MetadataTooLarge.</exception>
    public static FileProperties Read(RequestHeaders headers, string owner) => new()
    {
        ContentType = Text(headers, "Content-Type") is { Length: > 0 } type ? type : DefaultContentType,
        CacheControl = Text(headers, "Cache-Control"),
        ContentDisposition = Text(headers, "Content-Disposition"),
        ContentEncoding = StripAwsChunked(Text(headers, "Content-Encoding")),
        ContentLanguage = Text(headers, "Content-Language"),
        Expires = Text(headers, "Expires"),
        WebsiteRedirect = ReadRedirect(headers),
        StorageClass = ReadStorageClass(headers),
        Owner = owner,
        UserMetadata = S3.UserMetadata.Read(headers),
    };

    /// <summary>Everything about a version but its length, range and body.</summary>
    /// <param name="showVersion">The bucket has or had versions.</param>
    public static void Write(FileVersion version, bool showVersion, Action<string, string> set)
    {
        set("Last-Modified", HttpDate.Format(version.LastModified));
        set("ETag", ETags.Quote(version.ETag));
        var properties = version.Properties;
        set("Content-Type", HeaderValues.Raw(properties.ContentType ?? DefaultContentType));
        Optional(set, "Cache-Control", properties.CacheControl);
        Optional(set, "Content-Disposition", properties.ContentDisposition);
        Optional(set, "Content-Encoding", properties.ContentEncoding);
        Optional(set, "Content-Language", properties.ContentLanguage);
        Optional(set, "Expires", properties.Expires);
        Optional(set, "x-amz-website-redirect-location", properties.WebsiteRedirect);
        Optional(set, "x-amz-storage-class", properties.StorageClass); // S3 leaves STANDARD out
        if (showVersion) set("x-amz-version-id", VersionSelector.Show(version.Version, version.IsNull));
        if (version.Tags.Count > 0) set("x-amz-tagging-count", version.Tags.Count.ToString());
        S3.UserMetadata.Write(properties.UserMetadata, set);
    }

    /// <summary>The checksum headers, which S3 shows only with x-amz-checksum-mode: ENABLED and never on a part of a file.</summary>
    public static void WriteChecksum(Checksum? checksum, Action<string, string> set)
    {
        if (checksum is null) return;
        set(ChecksumHeaders.Name(checksum.Algorithm), checksum.Value);
        set("x-amz-checksum-type", ChecksumHeaders.Name(checksum.Type));
    }

    /// <summary>Content-Encoding as stored: the framing of one request is no property of the file.</summary>
    public static string? StripAwsChunked(string? contentEncoding)
    {
        if (contentEncoding is null || !contentEncoding.Contains("aws-chunked", StringComparison.OrdinalIgnoreCase)) return contentEncoding;
        var kept = contentEncoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(coding => !coding.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase));
        var rest = string.Join(",", kept);
        return rest.Length == 0 ? null : rest;
    }

    private static string? ReadRedirect(RequestHeaders headers)
    {
        const string name = "x-amz-website-redirect-location";
        var location = Text(headers, name);
        if (location is null || location.StartsWith('/') || location.StartsWith("http://", StringComparison.Ordinal)
            || location.StartsWith("https://", StringComparison.Ordinal)) return location;
        throw new S3Exception(ErrorCode.InvalidRedirectLocation, null, ("RedirectLocation", location));
    }

    private static string? ReadStorageClass(RequestHeaders headers)
    {
        if (headers["x-amz-storage-class"] is not { } text) return null;
        if (!StorageClasses.Contains(text)) throw new S3Exception(ErrorCode.InvalidStorageClass, null, ("StorageClassRequested", text));
        return text == StandardStorageClass ? null : text;
    }

    private static string? Text(RequestHeaders headers, string name) => headers.Text(name) is { } text ? HeaderValues.Checked(name, text) : null;

    private static void Optional(Action<string, string> set, string name, string? value)
    {
        if (value is not null) set(name, HeaderValues.Raw(value));
    }
}
