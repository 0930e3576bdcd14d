using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>
/// What a request promises about its body, and the proof of it: read before the first byte (<see cref="Read"/>), the body taken through
/// <see cref="Open"/>, and <see cref="Verify"/> called with the digests of what arrived.
/// </summary>
/// <remarks>Invariant: a caller commits nothing before <see cref="Verify"/> has returned (DESIGN §3: bytes durable → digests verified →
/// catalog).</remarks>
public sealed class PayloadPlan
{
    private readonly byte[]? _contentMd5;
    private readonly byte[]? _sha256;
    private readonly Checksum? _checksum;
    private readonly ChecksumAlgorithm? _trailer;
    private AwsChunkedReader? _reader;

    private PayloadPlan(PayloadMode mode, long? length, byte[]? contentMd5, byte[]? sha256, Checksum? checksum, ChecksumAlgorithm? trailer,
        ChecksumAlgorithm? fallback)
    {
        Mode = mode;
        Length = length;
        _contentMd5 = contentMd5;
        _sha256 = sha256;
        _checksum = checksum;
        _trailer = trailer;
        GivenAlgorithm = checksum?.Algorithm ?? trailer;
        Algorithm = GivenAlgorithm ?? fallback;
    }

    public PayloadMode Mode { get; }

    /// <summary>Bytes of the body without framing, or <c>null</c> when the client did not say.</summary>
    public long? Length { get; }

    /// <summary>Algorithm of the checksum that the client gives as header or trailer.</summary>
    public ChecksumAlgorithm? GivenAlgorithm { get; }

    /// <summary>Algorithm of the checksum that <see cref="Verify"/> returns: the client's, else the fallback.</summary>
    public ChecksumAlgorithm? Algorithm { get; }

    /// <summary>A Content-MD5 or checksum came with the request: what DeleteObjects and configuration PUTs require.</summary>
    public bool HasIntegrity => _contentMd5 is not null || GivenAlgorithm is not null;

    /// <summary>What must be computed over the decoded body; MD5 always, for the ETag.</summary>
    public Digests Wanted =>
        Digests.Md5 | (_sha256 is null ? 0 : Digests.Sha256) | (Algorithm is { } algorithm ? DigestsOf.Algorithm(algorithm) : 0);

    /// <param name="signed">The verified signature, or <c>null</c> for an anonymous request.</param>
    /// <param name="fallback">Algorithm to compute when the client gives none.</param>
    /// <param name="checksumIsOfBody">False for CompleteMultipartUpload, whose checksum headers are about the object and not about its
    /// document.</param>
    /// <exception cref="S3Exception">The headers are malformed or contradict each other.</exception>
    public static PayloadPlan Read(
        RequestHeaders headers, SignedRequest? signed, ChecksumAlgorithm? fallback = ChecksumAlgorithm.CRC64NVME, bool checksumIsOfBody = true)
    {
        var hash = signed?.PayloadHash ?? headers["x-amz-content-sha256"] ?? PayloadModes.Unsigned;
        var mode = PayloadModes.Parse(hash);
        if (mode.HasSignedChunks() && signed is null)
            throw S3Exception.InvalidArgument("Chunk signatures need a signed request.", "x-amz-content-sha256", hash);
        var checksum = checksumIsOfBody ? ChecksumHeaders.Read(headers) : null;
        var trailer = ReadTrailer(headers, mode);
        if (checksum is not null && trailer is not null) throw ChecksumHeaders.Several();
        if (checksumIsOfBody) CheckSdkAlgorithm(headers, checksum?.Algorithm ?? trailer);
        return new PayloadPlan(mode, ReadLength(headers, mode), ReadContentMd5(headers),
            mode == PayloadMode.Hashed ? Convert.FromHexString(hash) : null, checksum, trailer, fallback);
    }

    /// <summary>The body without its framing. Each read gives bytes of one chunk at most; consume all of it.</summary>
    /// <param name="signer">Needed where chunks are signed: <see cref="SignedRequest.ChunkSigner"/>.</param>
    public PipeReader Open(PipeReader body, ChunkSigner? signer)
    {
        if (!Mode.IsChunked()) return body;
        if (Mode.HasSignedChunks()) ArgumentNullException.ThrowIfNull(signer);
        return _reader = new AwsChunkedReader(body, Length!.Value, Mode.HasSignedChunks() ? signer : null, Mode.HasTrailer());
    }

    /// <summary>Compares the digests of the whole decoded body with everything that was promised.</summary>
    /// <returns>The body's checksum to keep, or <c>null</c> when no algorithm was given and there is no fallback.</returns>
    /// <exception cref="S3Exception">IncompleteBody, XAmzContentSHA256Mismatch, BadDigest, MalformedTrailerError.</exception>
    public Checksum? Verify(DigestValues digests)
    {
        if (Length is { } length && digests.Length != length) throw new S3Exception(ErrorCode.IncompleteBody);
        if (_sha256 is not null && !CryptographicOperations.FixedTimeEquals(_sha256, digests.Sha256))
            throw new S3Exception(ErrorCode.XAmzContentSHA256Mismatch, null,
                ("ClientComputedContentSHA256", Convert.ToHexStringLower(_sha256)),
                ("S3ComputedContentSHA256", Convert.ToHexStringLower(digests.Sha256!)));
        if (_contentMd5 is not null && !CryptographicOperations.FixedTimeEquals(_contentMd5, digests.Md5))
            throw new S3Exception(ErrorCode.BadDigest, "The Content-MD5 you specified did not match what we received.",
                ("ExpectedDigest", Convert.ToHexStringLower(_contentMd5)), ("CalculatedDigest", Convert.ToBase64String(digests.Md5!)));
        var expected = Mode.HasTrailer() ? TrailerChecksum() ?? _checksum : _checksum;
        if (Algorithm is not { } algorithm) return null;
        var computed = digests.Checksum(algorithm) ?? throw new InvalidOperationException($"{algorithm} was wanted but not computed.");
        if (expected is not null && expected.Value != computed.Value)
            throw new S3Exception(ErrorCode.BadDigest, $"The {algorithm} you specified did not match the calculated checksum.");
        return computed;
    }

    /// <summary>Exactly what x-amz-trailer announced must have come: one checksum, or nothing.</summary>
    private Checksum? TrailerChecksum()
    {
        if (_reader is not { IsVerified: true }) throw new InvalidOperationException("The body was not read to its end.");
        var trailers = _reader.Trailers;
        if (_trailer is not { } algorithm) return trailers.Count == 0 ? null : throw new S3Exception(ErrorCode.MalformedTrailerError);
        if (trailers.Count != 1 || trailers[0].Key != ChecksumHeaders.Name(algorithm)) throw new S3Exception(ErrorCode.MalformedTrailerError);
        return ChecksumHeaders.ParseValue(algorithm, trailers[0].Value, "trailing header");
    }

    private static ChecksumAlgorithm? ReadTrailer(RequestHeaders headers, PayloadMode mode)
    {
        var announced = headers["x-amz-trailer"]?.Trim();
        if (!mode.HasTrailer())
            return announced is null
                ? null
                : throw new S3Exception(ErrorCode.InvalidRequest, "x-amz-trailer was sent without a payload mode that has trailers.");
        if (announced is null) return null; // AWS takes it where no trailer comes either (versitygw#1632)
        if (!announced.StartsWith(ChecksumHeaders.Prefix, StringComparison.OrdinalIgnoreCase) || announced.Contains(','))
            throw new S3Exception(ErrorCode.InvalidRequest, "The value specified in the x-amz-trailer header is not supported");
        return ChecksumHeaders.ParseAlgorithm(announced[ChecksumHeaders.Prefix.Length..], announced);
    }

    private static void CheckSdkAlgorithm(RequestHeaders headers, ChecksumAlgorithm? given)
    {
        if (headers["x-amz-sdk-checksum-algorithm"] is not { } text) return;
        if (given is null)
            throw new S3Exception(ErrorCode.InvalidRequest,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");
        if (!ChecksumHeaders.TryParseAlgorithm(text, out var algorithm) || algorithm != given)
            throw new S3Exception(ErrorCode.InvalidRequest, "Value for x-amz-sdk-checksum-algorithm header is invalid.");
    }

    private static long? ReadLength(RequestHeaders headers, PayloadMode mode)
    {
        var name = mode.IsChunked() ? "x-amz-decoded-content-length" : "Content-Length";
        if (headers[name] is not { } text) return mode.IsChunked() ? throw new S3Exception(ErrorCode.MissingContentLength) : null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)) return length;
        throw S3Exception.InvalidArgument($"Value for {name} header is invalid.", name, text);
    }

    private static byte[]? ReadContentMd5(RequestHeaders headers)
    {
        if (headers["Content-MD5"] is not { } text) return null;
        var raw = new byte[16];
        if (text.Length == 24 && Convert.TryFromBase64String(text, raw, out var length) && length == 16) return raw;
        throw new S3Exception(ErrorCode.InvalidDigest, null, ("Content-MD5", text));
    }
}
