using System.Buffers;

namespace OrleansDfs.S3;

/// <summary>ServerSideEncryptionConfiguration: one rule, AES256.</summary>
public static class EncryptionDocument
{
    public const int MaxBytes = 16 * 1024;

    /// <returns>BucketKeyEnabled, which means something for KMS only and is kept as it was said.</returns>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument, NotImplemented for KMS.</exception>
    public static bool Parse(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "ServerSideEncryptionConfiguration"));
        var rule = new XmlFields(fields.Required("Rule")); // AWS takes exactly one
        fields.End();
        var byDefault = new XmlFields(rule.Required("ApplyServerSideEncryptionByDefault"));
        var hasBucketKey = rule.Boolean("BucketKeyEnabled");
        rule.End();
        var algorithm = byDefault.Token("SSEAlgorithm");
        var kmsKey = byDefault.Token("KMSMasterKeyID");
        byDefault.End();
        switch (algorithm)
        {
            case "aws:kms" or "aws:kms:dsse":
                throw new S3Exception(ErrorCode.NotImplemented, null, ("SSEAlgorithm", algorithm));
            case EncryptionHeaders.Algorithm when kmsKey is not null:
                throw S3Exception.InvalidArgument(
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse", "KMSMasterKeyID", kmsKey);
            case EncryptionHeaders.Algorithm:
                return hasBucketKey;
            default:
                throw XmlNode.Malformed();
        }
    }

    public static void Write(IBufferWriter<byte> output, bool hasBucketKey)
    {
        var xml = new XmlOutput(output);
        xml.Root("ServerSideEncryptionConfiguration");
        xml.Start("Rule");
        xml.Start("ApplyServerSideEncryptionByDefault");
        xml.Element("SSEAlgorithm", EncryptionHeaders.Algorithm);
        xml.End("ApplyServerSideEncryptionByDefault");
        xml.Element("BucketKeyEnabled", hasBucketKey);
        xml.End("Rule");
        xml.End("ServerSideEncryptionConfiguration");
        xml.Flush();
    }
}
