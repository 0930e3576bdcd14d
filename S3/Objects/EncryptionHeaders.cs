using System.Security.Cryptography;

namespace OrleansDfs.S3;

/// <summary>A key that a client gives with SSE-C. Never printed.</summary>
public sealed class CustomerKey(byte[] key, string md5)
{
    public byte[] Key => key;

    /// <summary>MD5 of the key in base64.</summary>
    public string Md5 => md5;
}

/// <summary>
/// Server-side encryption in headers (AWS, "Protecting data with server-side encryption"). Errors are AWS's, word by word where they are known.
/// </summary>
public static class EncryptionHeaders
{
    public const string Algorithm = "AES256";
    public const string Server = "x-amz-server-side-encryption";
    private const string Start = "Requests specifying Server Side Encryption with Customer provided keys must provide ";
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
    /// <param name="ofRead">A key without its MD5 is then a wrong one, and not a malformed request.</param>
    /// <exception cref="S3Exception">InvalidArgument, InvalidEncryptionAlgorithmError; AccessDenied.</exception>
    public static CustomerKey? ReadCustomer(RequestHeaders headers, bool ofRead = false) => Read(headers, Customer, ofRead);

    /// <summary>The key of a copy's source, or <c>null</c>.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidEncryptionAlgorithmError.</exception>
    public static CustomerKey? ReadCopySource(RequestHeaders headers) => Read(headers, CopySource, ofRead: false);

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

    /// <summary>What is said to who has not the key of what is there.</summary>
    public static S3Exception WrongKey() => new(ErrorCode.AccessDenied, Start + "the correct secret key.");

    /// <summary>AWS names the plain header in all errors about these three.</summary>
    private static CustomerKey? Read(RequestHeaders headers, string prefix, bool ofRead)
    {
        if (!Has(headers, prefix)) return null;
        var (algorithm, text, md5) = (headers[prefix + "algorithm"], headers[prefix + "key"], headers[prefix + "key-MD5"]);
        if (algorithm is null) throw Invalid(Start + "a valid encryption algorithm.");
        if (algorithm != Algorithm)
            throw new S3Exception(ErrorCode.InvalidEncryptionAlgorithmError, null, ("ArgumentName", Server), ("ArgumentValue", algorithm));
        if (text is null) throw Invalid(Start + "an appropriate secret key.");
        var key = new byte[32];
        if (!Convert.TryFromBase64String(text, key, out var length) || length != key.Length) // the key itself is not repeated in an answer
            throw Invalid("The secret key was invalid for the specified algorithm.");
        if (md5 is null) throw ofRead ? WrongKey() : Invalid("The secret key was invalid for the specified algorithm.");
        if (Convert.ToBase64String(MD5.HashData(key)) != md5)
            throw Invalid("The calculated MD5 hash of the key did not match the hash that was provided.");
        return new CustomerKey(key, md5);
    }

    private static S3Exception Invalid(string message) => new(ErrorCode.InvalidArgument, message, ("ArgumentName", Server));
}
