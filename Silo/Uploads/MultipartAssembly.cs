using System.Buffers.Binary;
using System.Security.Cryptography;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Uploads;

/// <summary>
/// What CompleteMultipartUpload makes of the parts: which they are, the object's size, ETag and checksum. A pure function; the catalog then checks
/// under the upload's lock that the parts are still the same.
/// </summary>
public sealed record MultipartAssembly(
    DfsStatus Status, IReadOnlyList<UploadPart> Parts, long Size, string ETag, Checksum? Checksum, FaultyPart? Faulty = null)
{
    /// <summary>Smallest part but the last (AWS, "Amazon S3 multipart upload limits").</summary>
    public const long MinPartSize = 5 * 1024 * 1024;

    /// <param name="upload">The upload as it was created.</param>
    /// <param name="stored">All its parts by number.</param>
    /// <param name="request">What the client named, in rising order.</param>
    public static MultipartAssembly Of(UploadInfo upload, IReadOnlyDictionary<int, UploadPart> stored, CompleteUpload request)
    {
        if (request.Parts.Length == 0) return Failed(DfsStatus.InvalidRequest);
        if (Discord(upload, request) is { } discord) return discord;
        var parts = new List<UploadPart>(request.Parts.Length);
        foreach (var named in request.Parts)
        {
            if (!stored.TryGetValue(named.Number, out var part) || part.ETag != named.ETag
                || (named.Checksum is { } claimed && part.Checksum?.Algorithm == claimed.Algorithm && part.Checksum.Value != claimed.Value))
                return Failed(DfsStatus.InvalidPart, new FaultyPart(named.Number, named.ETag, part?.Size));
            // Of an upload begun without an algorithm the server keeps its own for each part; another was verified when the part came.
            if (named.Checksum is { } other && upload.ChecksumAlgorithm is { } algorithm && other.Algorithm != algorithm)
                return Failed(DfsStatus.BadDigest, new FaultyPart(named.Number, named.ETag, part.Size));
            parts.Add(part);
        }
        for (var i = 0; i < parts.Count - 1; i++)
            if (parts[i].Size < MinPartSize)
                return Failed(DfsStatus.PartTooSmall, new FaultyPart(parts[i].Number, parts[i].ETag, parts[i].Size));

        var size = parts.Sum(p => p.Size);
        if (request.ExpectedSize is { } expected && expected != size) return Failed(DfsStatus.SizeDiffers);
        var checksum = ChecksumOf(upload, parts);
        if (request.Checksum is { } given && (checksum is null || !Agrees(given, checksum))) return Failed(DfsStatus.BadDigest);
        return new MultipartAssembly(DfsStatus.Ok, parts, size, ETagOf(parts), checksum);
    }

    /// <summary>
    /// What Complete must say about checksums (AWS, "Checking object integrity", "CompletedPart"): of an upload begun with a composite one, the
    /// checksum of each part, numbered from 1 without gaps, for its value covers both; of a full-object one nothing, for its value does not depend on
    /// the parts.
    /// </summary>
    private static MultipartAssembly? Discord(UploadInfo upload, CompleteUpload request)
    {
        if (request.ChecksumType is { } type && type != TypeOf(upload)) return Failed(DfsStatus.ChecksumTypeDiffers);
        if (upload.ChecksumAlgorithm is null || TypeOf(upload) != ChecksumType.Composite) return null;
        foreach (var part in request.Parts)
            if (part.Checksum is null) return Failed(DfsStatus.PartChecksumMissing, new FaultyPart(part.Number, part.ETag, null));
        return request.Parts[^1].Number == request.Parts.Length ? null : Failed(DfsStatus.PartsNotConsecutive); // they rise
    }

    private static ChecksumType TypeOf(UploadInfo upload) => upload.ChecksumType
        ?? (upload.ChecksumAlgorithm is null or ChecksumAlgorithm.CRC64NVME ? ChecksumType.FullObject : ChecksumType.Composite);

    private static MultipartAssembly Failed(DfsStatus status, FaultyPart? part = null) => new(status, [], 0, "", null, part);

    /// <summary>S3's ETag of a multipart object: MD5 of the parts' raw MD5s, and their number.</summary>
    private static string ETagOf(List<UploadPart> parts)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var part in parts) md5.AppendData(Convert.FromHexString(part.ETag));
        return $"{Convert.ToHexStringLower(md5.GetHashAndReset())}-{parts.Count}";
    }

    /// <summary>A client may leave out the <c>-N</c> of a composite value.</summary>
    private static bool Agrees(Checksum given, Checksum computed) =>
        given.Algorithm == computed.Algorithm
            && (given.Value == computed.Value || computed.Value.StartsWith(given.Value + "-", StringComparison.Ordinal));

    private static Checksum? ChecksumOf(UploadInfo upload, List<UploadPart> parts)
    {
        var algorithm = upload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME;
        var raw = new List<byte[]>(parts.Count);
        foreach (var part in parts)
        {
            if (part.Checksum is not { } checksum || checksum.Algorithm != algorithm) return null;
            raw.Add(Convert.FromBase64String(checksum.Value));
        }
        return TypeOf(upload) == ChecksumType.FullObject ? FullObject(algorithm, parts, raw) : Composite(algorithm, raw);
    }

    private static Checksum FullObject(ChecksumAlgorithm algorithm, List<UploadPart> parts, List<byte[]> raw)
    {
        ulong crc = 0;
        for (var i = 0; i < raw.Count; i++)
        {
            ulong part = raw[i].Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(raw[i]) : BinaryPrimitives.ReadUInt32BigEndian(raw[i]);
            crc = i == 0 ? part : CrcCombine.Combine(algorithm, crc, part, parts[i].Size);
        }
        var value = new byte[raw[0].Length];
        if (value.Length == 8) BinaryPrimitives.WriteUInt64BigEndian(value, crc);
        else BinaryPrimitives.WriteUInt32BigEndian(value, (uint)crc);
        return new Checksum(algorithm, ChecksumType.FullObject, Convert.ToBase64String(value));
    }

    private static Checksum Composite(ChecksumAlgorithm algorithm, List<byte[]> raw)
    {
        using var digests = new DigestSet(DigestsOf.Algorithm(algorithm));
        foreach (var part in raw) digests.Append(part);
        var value = digests.Finish().Checksum(algorithm)!.Value;
        return new Checksum(algorithm, ChecksumType.Composite, $"{value}-{raw.Count}");
    }
}
