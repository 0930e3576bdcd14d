using System.Buffers;

namespace OrleansDfs.S3;

/// <summary>The four switches of PutPublicAccessBlock; what is left out is off.</summary>
public readonly record struct PublicAccessSwitches(bool BlockPublicAcls, bool IgnorePublicAcls, bool BlockPublicPolicy, bool RestrictPublicBuckets);

/// <summary>Documents of the settings that say who may use a bucket.</summary>
public static class AccessDocuments
{
    public const int MaxBytes = 64 * 1024;

    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static PublicAccessSwitches ParsePublicAccessBlock(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "PublicAccessBlockConfiguration"));
        var switches = new PublicAccessSwitches(
            fields.Boolean("BlockPublicAcls"), fields.Boolean("IgnorePublicAcls"), fields.Boolean("BlockPublicPolicy"),
                fields.Boolean("RestrictPublicBuckets"));
        fields.End();
        return switches;
    }

    public static void WritePublicAccessBlock(IBufferWriter<byte> output, PublicAccessSwitches switches)
    {
        var xml = new XmlOutput(output);
        xml.Root("PublicAccessBlockConfiguration");
        xml.Element("BlockPublicAcls", switches.BlockPublicAcls);
        xml.Element("IgnorePublicAcls", switches.IgnorePublicAcls);
        xml.Element("BlockPublicPolicy", switches.BlockPublicPolicy);
        xml.Element("RestrictPublicBuckets", switches.RestrictPublicBuckets);
        xml.End("PublicAccessBlockConfiguration");
        xml.Flush();
    }

    /// <returns>The word as written; the gateway knows which there are.</returns>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static string ParseOwnership(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "OwnershipControls"));
        var rule = new XmlFields(fields.Required("Rule")); // AWS takes exactly one
        fields.End();
        var ownership = rule.Token("ObjectOwnership") ?? throw XmlNode.Malformed();
        rule.End();
        return ownership is "BucketOwnerEnforced" or "BucketOwnerPreferred" or "ObjectWriter" ? ownership : throw XmlNode.Malformed();
    }

    public static void WriteOwnership(IBufferWriter<byte> output, string ownership)
    {
        var xml = new XmlOutput(output);
        xml.Root("OwnershipControls");
        xml.Start("Rule");
        xml.Element("ObjectOwnership", ownership);
        xml.End("Rule");
        xml.End("OwnershipControls");
        xml.Flush();
    }

    public static void WritePolicyStatus(IBufferWriter<byte> output, bool isPublic)
    {
        var xml = new XmlOutput(output);
        xml.Root("PolicyStatus");
        xml.Element("IsPublic", isPublic);
        xml.End("PolicyStatus");
        xml.Flush();
    }
}
