namespace OrleansDfs.S3;

/// <summary>What the server expects of a signature.</summary>
public sealed record SignatureRules
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string Service = "s3";

    /// <summary>Longest life of a presigned request, in seconds (a week).</summary>
    public const int MaxExpiresSeconds = 604_800;

    /// <summary>The one region a scope may name.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>How far a request's time may be from ours, either way (AWS: 15 minutes).</summary>
    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromMinutes(15);
}
