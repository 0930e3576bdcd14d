using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>A bucket as ListBuckets shows it.</summary>
public readonly record struct ListedBucket(BucketName Name, DateTimeOffset Created, string Region);

/// <summary>Answers about buckets.</summary>
public static class BucketResults
{
    public const string ArnHeader = "x-amz-bucket-arn";

    public static string Arn(BucketName bucket) => "arn:aws:s3:::" + bucket.Value;

    /// <param name="next">Name of the last bucket of this page when more follow.</param>
    public static void WriteList(
        IBufferWriter<byte> output, ListBucketsParameters parameters, string owner, IReadOnlyList<ListedBucket> buckets, string? next)
    {
        var xml = new XmlOutput(output);
        xml.Root("ListAllMyBucketsResult");
        Parties.Write(ref xml, "Owner", owner);
        xml.Start("Buckets");
        foreach (var bucket in buckets)
        {
            xml.Start("Bucket");
            xml.Element("Name", bucket.Name.Value);
            xml.Element("CreationDate", bucket.Created);
            xml.Element("BucketRegion", bucket.Region);
            xml.Element("BucketArn", Arn(bucket.Name));
            xml.End("Bucket");
        }
        xml.End("Buckets");
        if (parameters.Prefix.Length > 0) xml.Element("Prefix", parameters.Prefix);
        if (next is not null) xml.Element("ContinuationToken", ContinuationToken.Encode(next));
        xml.End("ListAllMyBucketsResult");
        xml.Flush();
    }

    /// <summary>GetBucketLocation: us-east-1 is an empty element, as it always was.</summary>
    public static void WriteLocation(IBufferWriter<byte> output, string region)
    {
        var xml = new XmlOutput(output);
        xml.Root("LocationConstraint");
        if (region != "us-east-1") xml.Text(region);
        xml.End("LocationConstraint");
        xml.Flush();
    }

    /// <summary>GetBucketVersioning: a bucket never versioned has no Status.</summary>
    public static void WriteVersioning(IBufferWriter<byte> output, Versioning versioning)
    {
        var xml = new XmlOutput(output);
        xml.Root("VersioningConfiguration");
        if (versioning != Versioning.Unversioned) xml.Element("Status", versioning.ToString());
        xml.End("VersioningConfiguration");
        xml.Flush();
    }

    public static void WriteTagging(IBufferWriter<byte> output, IReadOnlyDictionary<string, string> tags)
    {
        var xml = new XmlOutput(output);
        xml.Root("Tagging");
        xml.Start("TagSet");
        foreach (var (key, value) in tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
        {
            xml.Start("Tag");
            xml.Element("Key", key);
            xml.Element("Value", value);
            xml.End("Tag");
        }
        xml.End("TagSet");
        xml.End("Tagging");
        xml.Flush();
    }

    /// <summary>A configuration of which nothing was ever set.</summary>
    public static void WriteEmpty(IBufferWriter<byte> output, string root)
    {
        var xml = new XmlOutput(output);
        xml.Root(root);
        xml.End(root);
        xml.Flush();
    }

    /// <summary>A list of configurations without one.</summary>
    public static void WriteNoneListed(IBufferWriter<byte> output, string root)
    {
        var xml = new XmlOutput(output);
        xml.Root(root);
        xml.Element("IsTruncated", false);
        xml.End(root);
        xml.Flush();
    }

    public static void WriteRequestPayment(IBufferWriter<byte> output)
    {
        var xml = new XmlOutput(output);
        xml.Root("RequestPaymentConfiguration");
        xml.Element("Payer", "BucketOwner");
        xml.End("RequestPaymentConfiguration");
        xml.Flush();
    }
}
