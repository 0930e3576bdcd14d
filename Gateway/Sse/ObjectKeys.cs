using System.Security.Cryptography;
using System.Text;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Sse;

/// <summary>A data key in the clear, for one request, and what is kept so that it can be had again.</summary>
sealed record ObjectKeyPair(Encryption Envelope, byte[] Key)
{
    /// <summary>Never the key.</summary>
    public override string ToString() => $"ObjectKeyPair({Envelope.Kind})";
}

/// <summary>
/// From a request's headers and the bucket's default to the data key of what is written or read. A customer's key is used and forgotten: what stays
/// is a salt and a verifier, both derived apart from the data key (HKDF, RFC 5869), so that a wrong key is refused before a byte is read.
/// </summary>
static class ObjectKeys
{
    /// <summary>Name of the bucket's document.</summary>
    public const string Setting = "encryption";

    /// <summary>AWS says so also where the parts bring a key that the upload has not.</summary>
    const string Parameters =
        "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.";

    const int SaltSize = 32;
    const int VerifierSize = 32;

    /// <summary>For a new version or upload; <c>null</c>: it is stored in the clear.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidEncryptionAlgorithmError, NotImplemented, InvalidRequest,
    /// ServiceUnavailable.</exception>
    public static async ValueTask<ObjectKeyPair?> ForWrite(S3Request request)
    {
        var wantsServer = EncryptionHeaders.WantsServer(request.Headers);
        if (EncryptionHeaders.ReadCustomer(request.Headers) is { } customer)
        {
            RequireHttps(request);
            return OfCustomer(customer);
        }
        if (!wantsServer && !request.Bucket.Settings.ContainsKey(Setting)) return null;
        var made = await request.Grains.Keys().New();
        made.Status.ThrowUnlessOk();
        return new ObjectKeyPair(new Encryption(EncryptionKind.Server, made.MasterKey, made.Wrapped, null), made.Key);
    }

    /// <summary>The data key of what is there; <c>null</c>: it is not encrypted.</summary>
    /// <exception cref="S3Exception">InvalidRequest: a key is missing or was given for nothing; AccessDenied: it is another; as
    /// <see cref="ForWrite"/>.</exception>
    public static async ValueTask<byte[]?> ForRead(S3Request request, FileProperties properties)
    {
        Authorise(request, properties, EncryptionHeaders.ReadCustomer(request.Headers, ofRead: true), out var key);
        return key ?? await Unwrap(request, properties.Encryption);
    }

    /// <summary>As <see cref="ForRead"/>, for the source of a copy.</summary>
    public static async ValueTask<byte[]?> ForSource(S3Request request, FileProperties properties)
    {
        Authorise(request, properties, EncryptionHeaders.ReadCopySource(request.Headers), out var key);
        return key ?? await Unwrap(request, properties.Encryption);
    }

    /// <summary>What HeadObject needs: that whoever asks has the key.</summary>
    public static void Check(S3Request request, FileProperties properties) =>
        Authorise(request, properties, EncryptionHeaders.ReadCustomer(request.Headers, ofRead: true), out _);

    /// <summary>The data key of an upload, for one of its parts.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument.</exception>
    public static async ValueTask<byte[]?> ForPart(S3Request request, UploadInfo upload)
    {
        if (request.Headers[EncryptionHeaders.Server] is { } sent)
            throw S3Exception.InvalidArgument("x-amz-server-side-encryption header is not supported for this operation.",
                EncryptionHeaders.Server, sent);
        var given = EncryptionHeaders.ReadCustomer(request.Headers);
        var encryption = upload.Properties.Encryption;
        if (encryption is not { Kind: EncryptionKind.Customer })
        {
            if (given is not null) throw new S3Exception(ErrorCode.InvalidRequest, Parameters);
            return await Unwrap(request, encryption);
        }
        if (given is null) throw new S3Exception(ErrorCode.InvalidRequest, Parameters);
        return Derive(given, encryption)
            ?? throw new S3Exception(ErrorCode.InvalidRequest, "The provided encryption parameters did not match the ones used originally.");
    }

    /// <summary>S3 shows an MD5 of the plaintext unless the customer holds the key: then it is one that only who has the key could compute.</summary>
    public static string ETag(ObjectKeyPair? key, DigestValues digests) => ETag(key?.Envelope, key?.Key, digests);

    /// <inheritdoc cref="ETag(ObjectKeyPair?, DigestValues)"/>
    public static string ETag(Encryption? encryption, byte[]? key, DigestValues digests) => encryption is { Kind: EncryptionKind.Customer }
        ? Convert.ToHexStringLower(HMACSHA256.HashData(key!, digests.Md5!).AsSpan(0, 16))
        : digests.ETag;

    static void Authorise(S3Request request, FileProperties properties, CustomerKey? given, out byte[]? key)
    {
        key = null;
        if (properties.Encryption is not { Kind: EncryptionKind.Customer } encryption)
        {
            if (given is not null)
                throw new S3Exception(ErrorCode.InvalidRequest, "The encryption parameters are not applicable to this object.");
            return;
        }
        if (given is null)
            throw new S3Exception(ErrorCode.InvalidRequest,
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.");
        RequireHttps(request);
        key = Derive(given, encryption) ?? throw EncryptionHeaders.WrongKey();
    }

    static async ValueTask<byte[]?> Unwrap(S3Request request, Encryption? encryption)
    {
        if (encryption is not { Kind: EncryptionKind.Server }) return null;
        var opened = await request.Grains.ReadAsync(
            () => request.Grains.Keys().Open(encryption.MasterKey, encryption.Sealed), request.Cancellation);
        if (opened.Status == DfsStatus.NotFound)
            throw new S3Exception(ErrorCode.InternalError, "The master key of this object is not known to this cluster.");
        opened.Status.ThrowUnlessOk();
        return opened.Key;
    }

    /// <summary>
    /// AWS: "Amazon S3 rejects any requests made over HTTP when using SSE-C". A setting, since many tools and test suites use http against other
    /// stores.
    /// </summary>
    static void RequireHttps(S3Request request)
    {
        if (request.Backend.Settings.CustomerKeysNeedHttps && !request.Http.Request.IsHttps)
            throw new S3Exception(ErrorCode.InvalidRequest,
                "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.");
    }

    static ObjectKeyPair OfCustomer(CustomerKey customer)
    {
        var kept = new byte[SaltSize + VerifierSize];
        RandomNumberGenerator.Fill(kept.AsSpan(0, SaltSize));
        Expand(customer, kept.AsSpan(0, SaltSize), "OrleansDfs customer key verifier v1", kept.AsSpan(SaltSize));
        var key = new byte[32];
        Expand(customer, kept.AsSpan(0, SaltSize), "OrleansDfs customer data key v1", key);
        return new ObjectKeyPair(new Encryption(EncryptionKind.Customer, "", kept, customer.Md5), key);
    }

    /// <returns><c>null</c>: it is another key.</returns>
    static byte[]? Derive(CustomerKey given, Encryption encryption)
    {
        var salt = encryption.Sealed.AsSpan(0, SaltSize);
        Span<byte> verifier = stackalloc byte[VerifierSize];
        Expand(given, salt, "OrleansDfs customer key verifier v1", verifier);
        if (!CryptographicOperations.FixedTimeEquals(verifier, encryption.Sealed.AsSpan(SaltSize))) return null;
        var key = new byte[32];
        Expand(given, salt, "OrleansDfs customer data key v1", key);
        return key;
    }

    static void Expand(CustomerKey from, ReadOnlySpan<byte> salt, string purpose, Span<byte> into) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, from.Key, into, salt, Encoding.ASCII.GetBytes(purpose));
}
