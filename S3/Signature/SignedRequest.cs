namespace OrleansDfs.S3;

/// <summary>
/// A request that claims a SigV4 signature, in its Authorization header or presigned in its query. Parsing checks everything that needs no key: form,
/// scope, time, expiry and that nothing that S3 acts on is left unsigned; <see cref="Verify"/> then compares signatures.
/// </summary>
/// <remarks>
/// Invariant: after <see cref="Verify"/> returned, host, query and every <c>x-amz-*</c> header received are covered by the signature, so a handler
/// may act on any of them (an unsigned x-amz-copy-source added to a presigned PUT is a known hole of other servers).
/// </remarks>
public sealed class SignedRequest
{
    internal SignedRequest(SignatureClaim claim, string method, RequestTarget target, RequestHeaders headers, string payloadHash)
    {
        Claim = claim;
        PayloadHash = payloadHash;
        var query = target.Query.Canonical(without: claim.IsPresigned ? "X-Amz-Signature" : null);
        CanonicalRequest = S3.CanonicalRequest.Build(method, target.CanonicalUri, query, headers, claim.SignedHeaders, payloadHash);
        StringToSign = S3.CanonicalRequest.StringToSign(claim.Timestamp, claim.Scope, CanonicalRequest);
    }

    public SignatureClaim Claim { get; }

    public string AccessKey => Claim.AccessKey;

    /// <summary>Day, region and service: what the derived key must be asked for.</summary>
    public SigningScope Scope => Claim.Scope;

    /// <summary>Value of x-amz-content-sha256 as signed: a hash, or the name of a payload mode.</summary>
    public string PayloadHash { get; }

    public string CanonicalRequest { get; }

    public string StringToSign { get; }

    /// <summary>Reads the request's signature.</summary>
    /// <returns><c>null</c> for an anonymous request.</returns>
    /// <exception cref="S3Exception">The claim is malformed, for another scope, too old, or leaves something unsigned.</exception>
    public static SignedRequest? Parse(
        string method, RequestTarget target, RequestHeaders headers, SignatureRules rules, DateTimeOffset now)
    {
        var claim = SignatureClaim.Parse(target.Query, headers);
        if (claim is null) return null;
        SignatureChecks.Check(claim, headers, rules, now);
        var payloadHash = headers["x-amz-content-sha256"];
        if (payloadHash is null && !claim.IsPresigned)
            throw new S3Exception(ErrorCode.InvalidRequest, "Missing required header for this request: x-amz-content-sha256");
        payloadHash ??= target.Query["X-Amz-Content-Sha256"] ?? PayloadModes.Unsigned;
        return new SignedRequest(claim, method, target, headers, payloadHash);
    }

    /// <summary>Compares the signature with the one that the key gives, in constant time.</summary>
    /// <param name="signingKey">The derived key of <see cref="AccessKey"/> for <see cref="Scope"/>, or <c>null</c> when no such user exists.</param>
    /// <exception cref="S3Exception">InvalidAccessKeyId, or SignatureDoesNotMatch.</exception>
    public void Verify(byte[]? signingKey)
    {
        var equal = Hmac.Matches(Hmac.Sign(signingKey ?? Hmac.DecoyKey, StringToSign), Claim.Signature);
        if (signingKey is null) throw new S3Exception(ErrorCode.InvalidAccessKeyId, null, ("AWSAccessKeyId", AccessKey));
        if (equal) return;
        throw new S3Exception(ErrorCode.SignatureDoesNotMatch, null,
            ("AWSAccessKeyId", AccessKey), ("StringToSign", StringToSign), ("SignatureProvided", Claim.Signature),
            ("CanonicalRequest", CanonicalRequest));
    }

    /// <summary>Goes on where this signature ends: the chunks of a signed streaming body.</summary>
    public ChunkSigner ChunkSigner(byte[] signingKey) => new(signingKey, Claim.Timestamp, Scope, Claim.Signature);
}
