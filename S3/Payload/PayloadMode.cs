namespace OrleansDfs.S3;

/// <summary>How a body is protected and framed: what <c>x-amz-content-sha256</c> says.</summary>
public enum PayloadMode
{
    /// <summary>The header is the body's SHA-256.</summary>
    Hashed,

    /// <summary>Nothing is said about the body.</summary>
    Unsigned,

    /// <summary>aws-chunked, each chunk with its signature.</summary>
    SignedChunks,

    /// <summary>The same, with signed trailers behind the last chunk.</summary>
    SignedChunksTrailer,

    /// <summary>aws-chunked without signatures; a checksum in the trailer is all the integrity there is.</summary>
    UnsignedChunksTrailer,
}

public static class PayloadModes
{
    public const string Unsigned = "UNSIGNED-PAYLOAD";
    public const string SignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    public const string SignedChunksTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    public const string UnsignedChunksTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    /// <exception cref="S3Exception">InvalidArgument; NotImplemented for the modes of SigV4A.</exception>
    public static PayloadMode Parse(string value) => value switch
    {
        Unsigned => PayloadMode.Unsigned,
        SignedChunks => PayloadMode.SignedChunks,
        SignedChunksTrailer => PayloadMode.SignedChunksTrailer,
        UnsignedChunksTrailer => PayloadMode.UnsignedChunksTrailer,
        _ when value.StartsWith("STREAMING-AWS4-ECDSA-", StringComparison.Ordinal) =>
            throw new S3Exception(ErrorCode.NotImplemented, "Signature version 4A is not implemented by this server."),
        { Length: 64 } when value.All(char.IsAsciiHexDigit) => PayloadMode.Hashed,
        _ => throw S3Exception.InvalidArgument(
            $"x-amz-content-sha256 must be {Unsigned}, {UnsignedChunksTrailer}, {SignedChunks}, {SignedChunksTrailer} or a valid sha256 value.",
            "x-amz-content-sha256", value),
    };

    public static bool IsChunked(this PayloadMode mode) => mode >= PayloadMode.SignedChunks;

    public static bool HasTrailer(this PayloadMode mode) => mode >= PayloadMode.SignedChunksTrailer;

    public static bool HasSignedChunks(this PayloadMode mode) => mode is PayloadMode.SignedChunks or PayloadMode.SignedChunksTrailer;
}
