namespace OrleansDfs.S3;

/// <summary>What a signature is bound to: day, region and service.</summary>
/// <param name="Date">UTC day as <c>yyyyMMdd</c>.</param>
public sealed record SigningScope(string Date, string Region, string Service)
{
    public const string Terminator = "aws4_request";

    public override string ToString() => $"{Date}/{Region}/{Service}/{Terminator}";
}
