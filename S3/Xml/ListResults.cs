using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Answers of the listings of keys, from the catalog's pages.</summary>
public static class ListResults
{
    public static void WriteObjects(IBufferWriter<byte> output, BucketName bucket, ListObjectsParameters parameters, FilePage page)
    {
        var common = parameters.Common;
        var xml = new XmlOutput(output);
        xml.Root("ListBucketResult");
        xml.Element("Name", bucket.Value);
        xml.Element("Prefix", Show(common, common.Prefix));
        xml.Element("Marker", Show(common, parameters.Marker));
        // S3 gives NextMarker only with a delimiter; without, the last key is the marker.
        if (page.Next is { } next && common.Delimiter.Length > 0) xml.Element("NextMarker", Show(common, next));
        xml.Element("MaxKeys", common.MaxKeys);
        WriteShape(ref xml, common);
        xml.Element("IsTruncated", page.Next is not null);
        foreach (var file in page.Files) WriteContents(ref xml, common, file, withOwner: true);
        WritePrefixes(ref xml, common, page.CommonPrefixes);
        xml.End("ListBucketResult");
        xml.Flush();
    }

    public static void WriteObjectsV2(IBufferWriter<byte> output, BucketName bucket, ListObjectsV2Parameters parameters, FilePage page)
    {
        var common = parameters.Common;
        var xml = new XmlOutput(output);
        xml.Root("ListBucketResult");
        xml.Element("Name", bucket.Value);
        xml.Element("Prefix", Show(common, common.Prefix));
        if (parameters.StartAfter is { } startAfter) xml.Element("StartAfter", Show(common, startAfter));
        xml.Optional("ContinuationToken", parameters.ContinuationToken);
        if (page.Next is { } next) xml.Element("NextContinuationToken", ContinuationToken.Encode(next));
        xml.Element("KeyCount", page.Files.Count + page.CommonPrefixes.Count);
        xml.Element("MaxKeys", common.MaxKeys);
        WriteShape(ref xml, common);
        xml.Element("IsTruncated", page.Next is not null);
        foreach (var file in page.Files) WriteContents(ref xml, common, file, parameters.FetchOwner);
        WritePrefixes(ref xml, common, page.CommonPrefixes);
        xml.End("ListBucketResult");
        xml.Flush();
    }

    public static void WriteVersions(IBufferWriter<byte> output, BucketName bucket, ListVersionsParameters parameters, VersionPage page)
    {
        var common = parameters.Common;
        var xml = new XmlOutput(output);
        xml.Root("ListVersionsResult");
        xml.Element("Name", bucket.Value);
        xml.Element("Prefix", Show(common, common.Prefix));
        xml.Element("KeyMarker", Show(common, parameters.KeyMarker));
        xml.Element("VersionIdMarker", parameters.VersionIdMarker);
        if (page.NextKey is { } nextKey)
        {
            xml.Element("NextKeyMarker", Show(common, nextKey));
            // The number, also of a null version: a marker of "null" would have to be looked up again.
            xml.Optional("NextVersionIdMarker", page.NextVersion?.ToString());
        }
        xml.Element("MaxKeys", common.MaxKeys);
        WriteShape(ref xml, common);
        xml.Element("IsTruncated", page.NextKey is not null);
        foreach (var file in page.Versions) WriteVersion(ref xml, common, file);
        WritePrefixes(ref xml, common, page.CommonPrefixes);
        xml.End("ListVersionsResult");
        xml.Flush();
    }

    public static void WriteUploads(IBufferWriter<byte> output, BucketName bucket, ListUploadsParameters parameters, UploadPage page)
    {
        var common = parameters.Common;
        var xml = new XmlOutput(output);
        xml.Root("ListMultipartUploadsResult");
        xml.Element("Bucket", bucket.Value);
        xml.Element("KeyMarker", Show(common, parameters.KeyMarker));
        xml.Element("UploadIdMarker", parameters.UploadIdMarker);
        // S3 names the last upload on the last page too.
        var last = page.NextKey is null && page.Uploads.Count > 0 ? page.Uploads[^1] : null;
        xml.Element("NextKeyMarker", Show(common, page.NextKey ?? last?.Key.Value ?? ""));
        xml.Element("NextUploadIdMarker", (page.NextUpload ?? last?.Upload)?.ToString() ?? "");
        xml.Element("Prefix", Show(common, common.Prefix));
        xml.Element("MaxUploads", common.MaxKeys);
        WriteShape(ref xml, common);
        xml.Element("IsTruncated", page.NextKey is not null);
        foreach (var upload in page.Uploads)
        {
            xml.Start("Upload");
            xml.Element("Key", Show(common, upload.Key.Value));
            xml.Element("UploadId", upload.Upload.ToString());
            Parties.Write(ref xml, "Initiator", upload.Initiator);
            Parties.Write(ref xml, "Owner", upload.Properties.Owner);
            xml.Element("StorageClass", upload.Properties.StorageClass ?? ObjectHeaders.StandardStorageClass);
            xml.Element("Initiated", upload.Initiated);
            WriteChecksumKind(ref xml, upload.ChecksumAlgorithm, upload.ChecksumType);
            xml.End("Upload");
        }
        WritePrefixes(ref xml, common, page.CommonPrefixes);
        xml.End("ListMultipartUploadsResult");
        xml.Flush();
    }

    private static void WriteContents(ref XmlOutput xml, ListParameters common, ListedFile file, bool withOwner)
    {
        xml.Start("Contents");
        xml.Element("Key", Show(common, file.Key.Value));
        xml.Element("LastModified", file.LastModified);
        xml.ETag(file.ETag);
        WriteChecksumKind(ref xml, file.ChecksumAlgorithm, file.ChecksumType);
        xml.Element("Size", file.Size);
        if (withOwner) Parties.Write(ref xml, "Owner", file.Owner);
        xml.Element("StorageClass", file.StorageClass ?? ObjectHeaders.StandardStorageClass);
        xml.End("Contents");
    }

    private static void WriteVersion(ref XmlOutput xml, ListParameters common, ListedFile file)
    {
        var name = file.IsDeleteMarker ? "DeleteMarker" : "Version";
        xml.Start(name);
        xml.Element("Key", Show(common, file.Key.Value));
        xml.Element("VersionId", VersionSelector.Show(file.Version, file.IsNull));
        xml.Element("IsLatest", file.IsCurrent);
        xml.Element("LastModified", file.LastModified);
        if (!file.IsDeleteMarker)
        {
            xml.ETag(file.ETag);
            WriteChecksumKind(ref xml, file.ChecksumAlgorithm, file.ChecksumType);
            xml.Element("Size", file.Size);
            xml.Element("StorageClass", file.StorageClass ?? ObjectHeaders.StandardStorageClass);
        }
        Parties.Write(ref xml, "Owner", file.Owner);
        xml.End(name);
    }

    private static void WriteShape(ref XmlOutput xml, ListParameters common)
    {
        if (common.Delimiter.Length > 0) xml.Element("Delimiter", Show(common, common.Delimiter));
        if (common.EncodeKeys) xml.Element("EncodingType", "url");
    }

    private static void WritePrefixes(ref XmlOutput xml, ListParameters common, IReadOnlyList<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            xml.Start("CommonPrefixes");
            xml.Element("Prefix", Show(common, prefix));
            xml.End("CommonPrefixes");
        }
    }

    private static void WriteChecksumKind(ref XmlOutput xml, ChecksumAlgorithm? algorithm, ChecksumType? type)
    {
        if (algorithm is { } known) xml.Element("ChecksumAlgorithm", known.ToString());
        if (type is { } kind) xml.Element("ChecksumType", ChecksumHeaders.Name(kind));
    }

    private static string Show(ListParameters common, string text) => common.EncodeKeys ? PercentEncoding.Encode(text, keepSlash: true) : text;
}

/// <summary>Owners and initiators: id and display name are the user's name.</summary>
internal static class Parties
{
    public static void Write(ref XmlOutput xml, string element, string user)
    {
        xml.Start(element);
        xml.Element("ID", user);
        xml.Element("DisplayName", user);
        xml.End(element);
    }
}
