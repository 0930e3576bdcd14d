using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>One object of a Delete document. The key is as sent: a key that is none fails alone, not the whole request.</summary>
/// <param name="Version">As sent, or <c>null</c>.</param>
/// <param name="ETag">Condition on the current version, without quotes, or <c>*</c>.</param>
public sealed record DeleteEntry(string Key, string? Version, string? ETag);

/// <summary>Body of DeleteObjects.</summary>
public sealed record DeleteRequest(bool Quiet, IReadOnlyList<DeleteEntry> Objects)
{
    public const int MaxObjects = 1000;

    /// <summary>Largest body read (AWS: 2 MB).</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    /// <exception cref="S3Exception">MalformedXML; NotImplemented for conditions that are not built.</exception>
    public static DeleteRequest Parse(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "Delete"));
        var quiet = fields.Boolean("Quiet");
        var objects = fields.Many("Object");
        fields.End();
        if (objects.Count is 0 or > MaxObjects) throw XmlNode.Malformed();
        return new DeleteRequest(quiet, objects.ConvertAll(ParseObject));
    }

    private static DeleteEntry ParseObject(XmlNode node)
    {
        var fields = new XmlFields(node);
        var key = XmlFields.Leaf(fields.Required("Key"));
        var version = fields.Token("VersionId");
        var etag = fields.Token("ETag");
        foreach (var condition in (ReadOnlySpan<string>)["LastModifiedTime", "Size"])
            if (fields.Optional(condition) is not null)
                throw new S3Exception(ErrorCode.NotImplemented, $"The condition {condition} of DeleteObjects is not implemented by this server.");
        fields.End();
        return new DeleteEntry(key, version, etag is null ? null : ETags.Unquote(etag));
    }
}

/// <summary>Body of CompleteMultipartUpload.</summary>
public static class CompleteMultipartUploadRequest
{
    /// <summary>Largest body read: 10,000 parts with a SHA-256 each are 1.9 MB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <exception cref="S3Exception">MalformedXML, InvalidPartOrder; InvalidRequest for a bad checksum.</exception>
    public static IReadOnlyList<CompletedPart> Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) throw new S3Exception(ErrorCode.InvalidRequest, "You must specify at least one part");
        var fields = new XmlFields(XmlNode.Parse(body, "CompleteMultipartUpload"));
        var parts = fields.Many("Part").ConvertAll(ParsePart);
        fields.End();
        if (parts.Count is 0 or > MultipartParameters.MaxPartNumber) throw XmlNode.Malformed();
        for (var i = 1; i < parts.Count; i++)
            if (parts[i].Number <= parts[i - 1].Number) throw new S3Exception(ErrorCode.InvalidPartOrder);
        return parts;
    }

    private static CompletedPart ParsePart(XmlNode node)
    {
        var fields = new XmlFields(node);
        var number = fields.Integer("PartNumber");
        if (number is < 1 or > MultipartParameters.MaxPartNumber)
            throw S3Exception.InvalidArgument("PartNumber must be >= 1 and <= 10000", "partNumber", number.ToString());
        var etag = ETags.Unquote(fields.Token("ETag") ?? throw XmlNode.Malformed());
        Checksum? checksum = null;
        foreach (var algorithm in Enum.GetValues<ChecksumAlgorithm>())
        {
            if (fields.Token(ChecksumHeaders.ElementName(algorithm)) is not { } value) continue;
            if (checksum is not null) throw XmlNode.Malformed();
            checksum = ChecksumHeaders.ParseValue(algorithm, value);
        }
        fields.End();
        return new CompletedPart(number, etag, checksum);
    }
}

/// <summary>Body of CreateBucket.</summary>
/// <param name="LocationConstraint">As sent, or <c>null</c>.</param>
public sealed record CreateBucketRequest(string? LocationConstraint, IReadOnlyDictionary<string, string> Tags)
{
    public const int MaxBytes = 64 * 1024;

    public static readonly CreateBucketRequest Empty = new(null, new Dictionary<string, string>());

    /// <summary>An empty body is allowed and says nothing.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidTag; NotImplemented for directory buckets.</exception>
    public static CreateBucketRequest Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return Empty;
        var fields = new XmlFields(XmlNode.Parse(body, "CreateBucketConfiguration"));
        var location = fields.Token("LocationConstraint");
        if (fields.Optional("Location") is not null || fields.Optional("Bucket") is not null)
            throw new S3Exception(ErrorCode.NotImplemented, "Directory buckets are not implemented by this server.");
        var tags = fields.Optional("Tags") is { } list ? TaggingRequest.ParseTags(list, S3.Tags.MaxBucketTags) : Empty.Tags;
        fields.End();
        return new CreateBucketRequest(location, tags);
    }
}

/// <summary>Body of PutBucketVersioning.</summary>
public static class VersioningRequest
{
    public const int MaxBytes = 64 * 1024;

    /// <exception cref="S3Exception">MalformedXML, IllegalVersioningConfigurationException; NotImplemented for MFA delete.</exception>
    public static Versioning Parse(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "VersioningConfiguration"));
        var status = fields.Token("Status");
        var mfa = fields.Token("MfaDelete");
        fields.End();
        if (mfa == "Enabled") throw new S3Exception(ErrorCode.NotImplemented, "MFA delete is not implemented by this server.");
        return status switch
        {
            "Enabled" => Versioning.Enabled,
            "Suspended" => Versioning.Suspended,
            null => throw new S3Exception(ErrorCode.IllegalVersioningConfigurationException, "The Versioning element must be specified"),
            _ => throw XmlNode.Malformed(),
        };
    }
}

/// <summary>Body of PutBucketRequestPayment.</summary>
public static class RequestPaymentRequest
{
    public const int MaxBytes = 64 * 1024;

    /// <summary>Returns where the document asks for what holds anyway: the bucket's owner pays.</summary>
    /// <exception cref="S3Exception">MalformedXML; NotImplemented for requester pays.</exception>
    public static void Parse(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "RequestPaymentConfiguration"));
        var payer = fields.Token("Payer");
        fields.End();
        if (payer == "Requester") throw new S3Exception(ErrorCode.NotImplemented, "Requester pays is not implemented by this server.");
        if (payer != "BucketOwner") throw XmlNode.Malformed();
    }
}

/// <summary>Body of PutObjectTagging and PutBucketTagging.</summary>
public static class TaggingRequest
{
    public const int MaxBytes = 64 * 1024;

    /// <exception cref="S3Exception">MalformedXML, InvalidTag, BadRequest.</exception>
    public static IReadOnlyDictionary<string, string> Parse(ReadOnlySpan<byte> body, int max)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "Tagging"));
        var tags = fields.Optional("TagSet") is { } list ? ParseTags(list, max) : new Dictionary<string, string>(); // S3 takes none for no tags
        fields.End();
        return tags;
    }

    internal static IReadOnlyDictionary<string, string> ParseTags(XmlNode list, int max)
    {
        var fields = new XmlFields(list);
        var pairs = fields.Many("Tag").ConvertAll(ParseTag);
        fields.End();
        return Tags.Validate(pairs, max);
    }

    private static KeyValuePair<string, string> ParseTag(XmlNode node)
    {
        var fields = new XmlFields(node);
        var key = XmlFields.Leaf(fields.Required("Key"));
        var value = XmlFields.Leaf(fields.Required("Value"));
        fields.End();
        return new(key, value);
    }
}
