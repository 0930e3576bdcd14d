using System.Security.Cryptography;

namespace OrleansDfs.S3;

/// <summary>A key that a client gives with SSE-C. Never printed.</summary>
public sealed class CustomerKey(byte[] key, string md5)
{
    public byte[] Key => key;

    /// <summary>MD5 of the key in base64.</summary>
    public string Md5 => md5;
}

/// <summary>Server-side encryption in headers (AWS, "Protecting data with server-side encryption"). Errors are AWS's, word by word where they are known.</summary>
public static class EncryptionHeaders
{
    public const string Algorithm = "AES256";
    public const string Server = "x-amz-server-side-encryption";
    private const string Customer = "x-amz-server-side-encryption-customer-";
    private const string CopySource = "x-amz-copy-source-server-side-encryption-customer-";

    /// <summary>SSE-S3 is asked for.</summary>
    /// <exception cref="S3Exception">NotImplemented for KMS, InvalidArgument for anything else, or together with a customer's key.</exception>
    public static bool WantsServer(RequestHeaders headers)
    {
        if (headers[Server] is not { } value) return false;
        if (HasCustomer(headers))
            throw S3Exception.InvalidArgument(
                "Server Side Encryption with Customer provided key is incompatible with the encryption method specified", Server, value);
        return value switch
        {
            Algorithm => true,
            "aws:kms" or "aws:kms:dsse" => throw new S3Exception(ErrorCode.NotImplemented, null, ("Header", Server)),
            _ => throw S3Exception.InvalidArgument("The encryption method specified is not supported", Server, value),
        };
    }

    public static bool HasCustomer(RequestHeaders headers) => Has(headers, Customer);

    public static bool HasCopySource(RequestHeaders headers) => Has(headers, CopySource);

    /// <summary>The customer's key of this request, or <c>null</c>.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidEncryptionAlgorithmError.</exception>
    public static CustomerKey? ReadCustomer(RequestHeaders headers) => Read(headers, Customer);

    /// <summary>The key of a copy's source, or <c>null</c>.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidEncryptionAlgorithmError.</exception>
    public static CustomerKey? ReadCopySource(RequestHeaders headers) => Read(headers, CopySource);

    /// <summary>How a version is encrypted, as every answer about it says.</summary>
    public static void Write(Model.Encryption? encryption, Action<string, string> set)
    {
        if (encryption is null) return;
        if (encryption.Kind == Model.EncryptionKind.Server)
        {
            set(Server, Algorithm);
            return;
        }
        set(Customer + "algorithm", Algorithm);
        set(Customer + "key-MD5", encryption.CustomerKeyMd5 ?? "");
    }

    private static bool Has(RequestHeaders headers, string prefix) =>
        headers.Contains(prefix + "algorithm") || headers.Contains(prefix + "key") || headers.Contains(prefix + "key-MD5");

    private static CustomerKey? Read(RequestHeaders headers, string prefix)
    {
        if (!Has(headers, prefix)) return null;
        const string start = "Requests specifying Server Side Encryption with Customer provided keys must provide ";
        var (algorithm, text, md5) = (headers[prefix + "algorithm"], headers[prefix + "key"], headers[prefix + "key-MD5"]);
        if (algorithm is null) throw S3Exception.InvalidArgument(start + "a valid encryption algorithm.", prefix + "algorithm", "null");
        if (algorithm != Algorithm)
            throw new S3Exception(ErrorCode.InvalidEncryptionAlgorithmError, null, ("ArgumentName", prefix + "algorithm"), ("ArgumentValue", algorithm));
        if (text is null) throw S3Exception.InvalidArgument(start + "an appropriate secret key.", prefix + "key", "null");
        if (md5 is null) throw S3Exception.InvalidArgument(start + "the client calculated MD5 of the secret key.", prefix + "key-MD5", "null");
        var key = new byte[32];
        if (!Convert.TryFromBase64String(text, key, out var length) || length != key.Length) // the key itself is not repeated in an answer
            throw new S3Exception(ErrorCode.InvalidArgument, "The secret key was invalid for the specified algorithm.", ("ArgumentName", prefix + "key"));
        if (Convert.ToBase64String(MD5.HashData(key)) != md5)
            throw S3Exception.InvalidArgument("The calculated MD5 hash of the key did not match the hash that was provided.", prefix + "key-MD5", md5);
        return new CustomerKey(key, md5);
    }
}
