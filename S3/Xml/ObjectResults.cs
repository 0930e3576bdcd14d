using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>What became of one object of a DeleteObjects request.</summary>
/// <param name="Version">The version asked for, as sent.</param>
/// <param name="Marker">Version id of the delete marker that was made or removed.</param>
/// <param name="Error">Why it was not deleted, or <c>null</c>.</param>
public sealed record DeleteOutcome(string Key, string? Version, string? Marker, S3Error? Error);

/// <summary>Answers about single objects, and their deletion in bulk.</summary>
public static class ObjectResults
{
    public static void WriteCopy(IBufferWriter<byte> output, string etag, DateTimeOffset lastModified, Checksum? checksum) =>
        WriteCopied(output, "CopyObjectResult", etag, lastModified, checksum, withType: true);

    public static void WriteCopyPart(IBufferWriter<byte> output, string etag, DateTimeOffset lastModified, Checksum? checksum) =>
        WriteCopied(output, "CopyPartResult", etag, lastModified, checksum, withType: false);

    /// <summary>The answer to a form that asked for 201.</summary>
    /// <param name="location">URL of the object.</param>
    public static void WritePost(IBufferWriter<byte> output, string location, BucketName bucket, ObjectKey key, string etag)
    {
        var xml = new XmlOutput(output);
        xml.Declaration();
        xml.Start("PostResponse");
        xml.Element("Location", location);
        xml.Element("Bucket", bucket.Value);
        xml.Element("Key", key.Value);
        xml.ETag(etag);
        xml.End("PostResponse");
        xml.Flush();
    }

    /// <param name="quiet">Only failures are shown.</param>
    public static void WriteDelete(IBufferWriter<byte> output, bool quiet, IReadOnlyList<DeleteOutcome> outcomes)
    {
        var xml = new XmlOutput(output);
        xml.Root("DeleteResult");
        foreach (var outcome in outcomes)
        {
            if (outcome.Error is { } error)
            {
                xml.Start("Error");
                xml.Element("Key", outcome.Key);
                xml.Optional("VersionId", outcome.Version);
                xml.Element("Code", error.Code.Code);
                xml.Element("Message", error.Message);
                xml.End("Error");
            }
            else if (!quiet)
            {
                xml.Start("Deleted");
                xml.Element("Key", outcome.Key);
                xml.Optional("VersionId", outcome.Version);
                if (outcome.Marker is { } marker)
                {
                    xml.Element("DeleteMarker", true);
                    xml.Element("DeleteMarkerVersionId", marker);
                }
                xml.End("Deleted");
            }
        }
        xml.End("DeleteResult");
        xml.Flush();
    }

    internal static void WriteChecksum(ref XmlOutput xml, Checksum? checksum, bool withType)
    {
        if (checksum is null) return;
        xml.Element(ChecksumHeaders.ElementName(checksum.Algorithm), checksum.Value);
        if (withType) xml.Element("ChecksumType", ChecksumHeaders.Name(checksum.Type));
    }

    private static void WriteCopied(
        IBufferWriter<byte> output, string root, string etag, DateTimeOffset lastModified, Checksum? checksum, bool withType)
    {
        var xml = new XmlOutput(output);
        xml.Root(root);
        xml.Element("LastModified", lastModified);
        xml.ETag(etag);
        WriteChecksum(ref xml, checksum, withType);
        xml.End(root);
        xml.Flush();
    }
}
