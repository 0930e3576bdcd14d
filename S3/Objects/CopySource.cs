using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>What x-amz-copy-source names.</summary>
public sealed record CopySource(BucketName Bucket, ObjectKey Key, VersionSelector Version)
{
    private const string HeaderName = "x-amz-copy-source";
    private const string VersionParameter = "?versionId=";

    /// <param name="raw">The header: <c>[/]bucket/key[?versionId=id]</c>, encoded like a query: <c>+</c> is a space (as
    /// AWS reads it, aws-sdk-js#1821). Bytes above ASCII may come unencoded.</param>
    /// <exception cref="S3Exception">InvalidArgument, KeyTooLongError; NotImplemented for an access point's ARN.</exception>
    public static CopySource Parse(string raw)
    {
        if (raw.StartsWith("arn:", StringComparison.Ordinal))
            throw new S3Exception(ErrorCode.NotImplemented, "Access points are not implemented by this server.", ("Header", HeaderName));
        // The version is cut off before decoding: a '?' of the key itself comes as %3F.
        var question = raw.LastIndexOf(VersionParameter, StringComparison.Ordinal);
        var version = question < 0 ? null : raw[(question + VersionParameter.Length)..];
        string path;
        try
        {
            path = PercentEncoding.Decode(RequestHeaders.DecodeText(question < 0 ? raw : raw[..question]), plusIsSpace: true);
        }
        catch (S3Exception)
        {
            throw S3Exception.InvalidArgument("Invalid copy source encoding.", HeaderName, raw);
        }
        if (path.StartsWith('/')) path = path[1..];
        var slash = path.IndexOf('/');
        if (slash <= 0 || slash == path.Length - 1)
            throw S3Exception.InvalidArgument("Invalid copy source object key", HeaderName, HeaderName);
        if (!BucketName.TryParse(path[..slash], out var bucket))
            throw S3Exception.InvalidArgument("Invalid copy source bucket name", HeaderName, raw);
        var error = ObjectKey.TryParse(path[(slash + 1)..], out var key);
        if (error == ObjectKeyError.TooLong) throw new S3Exception(ErrorCode.KeyTooLongError);
        if (error != ObjectKeyError.None) throw S3Exception.InvalidArgument("Invalid copy source object key", HeaderName, raw);
        return new CopySource(bucket, key, VersionSelector.Parse(version));
    }
}
