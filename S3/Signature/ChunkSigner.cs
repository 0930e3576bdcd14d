namespace OrleansDfs.S3;

/// <summary>
/// The chain of signatures over the chunks of a streaming body: each covers the one before, the first covers the request's own (AWS, "Signature
/// calculations for the Authorization header: transferring payload in multiple chunks").
/// </summary>
public sealed class ChunkSigner(byte[] signingKey, string timestamp, SigningScope scope, string seedSignature)
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private string _previous = seedSignature;

    /// <summary>Signature of the next chunk; the last chunk is empty and has one too.</summary>
    /// <param name="sha256">Hash of the chunk's data.</param>
    public string NextChunk(ReadOnlySpan<byte> sha256)
    {
        var stringToSign = $"AWS4-HMAC-SHA256-PAYLOAD\n{timestamp}\n{scope}\n{_previous}\n{EmptyHash}\n{Convert.ToHexStringLower(sha256)}";
        return _previous = Hmac.Sign(signingKey, stringToSign);
    }

    /// <summary>Signature of the trailers.</summary>
    /// <param name="sha256">Hash of the lines <c>name:value\n</c>.</param>
    public string Trailer(ReadOnlySpan<byte> sha256) =>
        Hmac.Sign(signingKey, $"AWS4-HMAC-SHA256-TRAILER\n{timestamp}\n{scope}\n{_previous}\n{Convert.ToHexStringLower(sha256)}");
}
