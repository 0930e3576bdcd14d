using System.Globalization;
using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;
using VersionSelector = OrleansDfs.Abstractions.VersionSelector;

namespace OrleansDfs.Gateway;

/// <summary>What GetObject and HeadObject have in common: the version asked for, its conditions, the range, and the headers about them.</summary>
/// <param name="PartCount">Shown when a part was asked for of a multipart file; else 0.</param>
sealed record OpenedFile(FileVersion Version, ManifestPage Manifest, ByteRange Range, int PartCount)
{
    /// <returns><c>null</c>: 304 was answered.</returns>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion, MethodNotAllowed, PreconditionFailed, InvalidRange, InvalidPartNumber.</exception>
    public static async Task<OpenedFile?> Open(S3Request request)
    {
        var selector = request.Version;
        var partNumber = MultipartParameters.OptionalPartNumber(request.Query);
        if (partNumber is not null && request.Headers.Contains("Range"))
            throw new S3Exception(ErrorCode.InvalidRequest, "Cannot specify both Range header and partNumber query parameter");
        var opened = await request.OpenVersion();
        if (opened.Status == DfsStatus.DeleteMarker) throw Marker(request, opened.Version, selector);
        opened.Status.ThrowUnlessOk();
        var version = opened.Version!;
        RequireKey(request, version);
        if (!Holds(request, version)) return null;
        if (partNumber is { } number)
        {
            var (range, count) = await PartRange(request, version, number);
            return new OpenedFile(version, opened.Manifest!, range, count);
        }
        return new OpenedFile(version, opened.Manifest!, ByteRange.Parse(RangeHeader(request.Headers, version), version.Size), 0);
    }

    /// <summary>The version asked for, for operations on what is kept with it.</summary>
    /// <param name="hidesMarker">A current delete marker is no key, as for reads of the file; else it is a version that has nothing of this.</param>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion, MethodNotAllowed.</exception>
    public static async Task<FileVersion> Look(S3Request request, bool hidesMarker = false)
    {
        var opened = await request.OpenVersion();
        if (opened.Status == DfsStatus.DeleteMarker)
            throw hidesMarker ? Marker(request, opened.Version, request.Version) : NothingKept(request, opened.Version);
        opened.Status.ThrowUnlessOk();
        request.Response.ShowVersion(request.Bucket, opened.Version!.Version, opened.Version.IsNull);
        return opened.Version;
    }

    /// <summary>Changes what is kept with a version.</summary>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion, MethodNotAllowed, AccessDenied where it is locked.</exception>
    public static Task Change(S3Request request, VersionSelector selector, Func<BucketInfo, ChangeFile> change) =>
        Change(request, selector, opens: false, (bucket, _) => change(bucket));

    /// <inheritdoc cref="Change(S3Request, VersionSelector, Func{BucketInfo, ChangeFile})"/>
    /// <param name="opens">The change needs the version as it is.</param>
    public static async Task Change(S3Request request, VersionSelector selector, bool opens, Func<BucketInfo, FileVersion?, ChangeFile> change)
    {
        var changed = await request.ChangeVersion(opens, (bucket, version, judged) => request.Grains.ChangeAsync(
            bucket.Id, request.Key, change(bucket, version) with { Version = judged.Selector, Revision = judged.Revision }));
        if (changed.Status == DfsStatus.DeleteMarker) throw NothingKept(request, changed.Version);
        changed.Status.ThrowUnlessOk();
        request.Response.ShowVersion(request.Bucket, changed.Version!.Version, changed.Version.IsNull);
    }

    /// <summary>Status and all headers. Nothing may fail after this but the body.</summary>
    public void SetHeaders(S3Request request)
    {
        ObjectHeaders.Write(Version, request.Bucket.ShowsVersions(), request.Set);
        ObjectLock.Write(Version.Properties, request.Set);
        EncryptionHeaders.Write(Version.Properties.Encryption, request.Set);
        request.AnnounceExpiration(Version);
        request.Set("Accept-Ranges", "bytes");
        // Of all bytes, also where a range asked for them all; never of some (S3.md §1.6).
        if (Range.Length == Version.Size && WantsChecksum(request.Headers)) ObjectHeaders.WriteChecksum(Version.Properties.Checksum, request.Set);
        if (Range.IsPartial)
        {
            request.Response.StatusCode = StatusCodes.Status206PartialContent;
            request.Set("Content-Range", Range.ContentRange(Version.Size));
        }
        if (PartCount > 0) request.Set("x-amz-mp-parts-count", PartCount.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in ResponseOverrides.Read(request.Query, request.Identity.Proof is not null)) request.Set(name, value);
        request.Response.ContentLength = Range.Length;
    }

    static bool WantsChecksum(RequestHeaders headers) => "ENABLED".Equals(headers["x-amz-checksum-mode"], StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Even the headers of what a customer's key protects are for who has the key; a key for what has none is an error (as on AWS).
    /// </summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument, AccessDenied.</exception>
    public static void RequireKey(S3Request request, FileVersion version)
    {
        if (request.Headers[EncryptionHeaders.Server] is { } sent)
            throw S3Exception.InvalidArgument("x-amz-server-side-encryption header is not supported for this operation.", EncryptionHeaders.Server, sent);
        ObjectKeys.Check(request, version.Properties);
    }

    /// <summary>What is answered where the version asked for is a delete marker, with its headers.</summary>
    public static S3Exception Marker(S3Request request, FileVersion? marker, VersionSelector selector)
    {
        request.Set("x-amz-delete-marker", "true");
        if (marker is not null) request.Response.ShowVersion(request.Bucket, marker.Version, marker.IsNull);
        if (selector.IsCurrent) return new S3Exception(ErrorCode.NoSuchKey);
        request.Set("Allow", "DELETE");
        if (marker is not null) request.Set("Last-Modified", HttpDate.Format(marker.LastModified));
        return NotAllowed(request);
    }

    /// <summary>A delete marker has no tags, ACL or lock: AWS answers so whether it was named or is current (but for GetObjectAcl).</summary>
    static S3Exception NothingKept(S3Request request, FileVersion? marker)
    {
        _ = Marker(request, marker, request.Version);
        return NotAllowed(request);
    }

    static S3Exception NotAllowed(S3Request request) =>
        new(ErrorCode.MethodNotAllowed, null, ("Method", request.Http.Request.Method), ("ResourceType", "DeleteMarker"));

    static bool Holds(S3Request request, FileVersion version)
    {
        var conditions = ReadPreconditions.Read(request.Headers, request.Backend.Time.GetUtcNow());
        switch (conditions.Judge(version.ETag, version.LastModified))
        {
            case ReadOutcome.Failed:
                throw conditions.Failure(version.ETag);
            case ReadOutcome.NotModified:
                ObjectHeaders.Write(version, request.Bucket.ShowsVersions(), request.Set);
                request.Response.Headers.ContentType = default;
                request.Response.StatusCode = StatusCodes.Status304NotModified;
                return false;
            default:
                return true;
        }
    }

    /// <summary>
    /// If-Range that does not name this version asks for the whole of it (RFC 9110 §13.1.5): two versions must not be mixed in one download.
    /// </summary>
    static string? RangeHeader(RequestHeaders headers, FileVersion version)
    {
        if (headers["If-Range"] is not { } validator) return headers["Range"];
        var same = HttpDate.TryParse(validator, out var date)
            ? date.ToUnixTimeSeconds() == version.LastModified.ToUnixTimeSeconds()
            : ETags.Unquote(validator) == version.ETag;
        return same ? headers["Range"] : null;
    }

    static async Task<(ByteRange Range, int Count)> PartRange(S3Request request, FileVersion version, int number)
    {
        if (version.PartCount == 0)
        {
            if (number != 1) throw PartMissing(number, 1);
            return (new ByteRange(0, version.Size, version.Size > 0), 0);
        }
        if (number > version.PartCount) throw PartMissing(number, version.PartCount);
        var parts = await request.ReadOnBucket(
            bucket => request.Grains.File(bucket.Id, request.Key).Parts(version.Version, request.Cancellation), result => result.Status);
        parts.Status.ThrowUnlessOk();
        // Part numbers need not be without gaps; partNumber counts the parts that the file has (AWS: "part number of the object being read").
        var offset = 0L;
        foreach (var part in parts.Parts.AsSpan(0, number - 1)) offset += part.Size;
        return (new ByteRange(offset, parts.Parts[number - 1].Size, true), version.PartCount);
    }

    static S3Exception PartMissing(int number, int count) =>
        new(ErrorCode.InvalidPartNumber, null, ("PartNumberRequested", $"{number}"), ("ActualPartCount", $"{count}"));
}
