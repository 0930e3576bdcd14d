using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Answers about multipart uploads.</summary>
public static class MultipartResults
{
    public static void WriteInitiate(IBufferWriter<byte> output, BucketName bucket, ObjectKey key, UploadId upload)
    {
        var xml = new XmlOutput(output);
        xml.Root("InitiateMultipartUploadResult");
        xml.Element("Bucket", bucket.Value);
        xml.Element("Key", key.Value);
        xml.Element("UploadId", upload.ToString());
        xml.End("InitiateMultipartUploadResult");
        xml.Flush();
    }

    /// <param name="location">URL of the object.</param>
    public static void WriteComplete(
        IBufferWriter<byte> output, string location, BucketName bucket, ObjectKey key, string etag, Checksum? checksum)
    {
        var xml = new XmlOutput(output);
        xml.Root("CompleteMultipartUploadResult");
        xml.Element("Location", location);
        xml.Element("Bucket", bucket.Value);
        xml.Element("Key", key.Value);
        xml.ETag(etag);
        ObjectResults.WriteChecksum(ref xml, checksum, withType: true);
        xml.End("CompleteMultipartUploadResult");
        xml.Flush();
    }

    /// <param name="parts">The page, in order.</param>
    /// <param name="isTruncated">More parts follow.</param>
    public static void WriteParts(
        IBufferWriter<byte> output, BucketName bucket, UploadInfo upload, ListPartsParameters parameters, IReadOnlyList<UploadPart> parts,
        bool isTruncated)
    {
        var xml = new XmlOutput(output);
        xml.Root("ListPartsResult");
        xml.Element("Bucket", bucket.Value);
        xml.Element("Key", upload.Key.Value);
        xml.Element("UploadId", upload.Upload.ToString());
        Parties.Write(ref xml, "Initiator", upload.Initiator);
        Parties.Write(ref xml, "Owner", upload.Properties.Owner);
        xml.Element("StorageClass", upload.Properties.StorageClass ?? ObjectHeaders.StandardStorageClass);
        xml.Element("PartNumberMarker", parameters.PartNumberMarker);
        xml.Element("NextPartNumberMarker", parts.Count > 0 ? parts[^1].Number : 0);
        xml.Element("MaxParts", parameters.MaxParts);
        xml.Element("IsTruncated", isTruncated);
        if (upload.ChecksumAlgorithm is { } algorithm) xml.Element("ChecksumAlgorithm", algorithm.ToString());
        if (upload.ChecksumType is { } type) xml.Element("ChecksumType", ChecksumHeaders.Name(type));
        foreach (var part in parts)
        {
            xml.Start("Part");
            xml.Element("PartNumber", part.Number);
            xml.Element("LastModified", part.LastModified);
            xml.ETag(part.ETag);
            xml.Element("Size", part.Size);
            ObjectResults.WriteChecksum(ref xml, part.Checksum, withType: false);
            xml.End("Part");
        }
        xml.End("ListPartsResult");
        xml.Flush();
    }
}
