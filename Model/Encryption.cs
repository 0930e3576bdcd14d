namespace OrleansDfs.Model;

/// <summary>Who holds the key of an encrypted version. Values are stored.</summary>
public enum EncryptionKind
{
    /// <summary>SSE-S3: the cluster, wrapped by its master key.</summary>
    Server = 1,

    /// <summary>SSE-C: the client, who sends it with every request.</summary>
    Customer = 2,
}

/// <summary>
/// What is kept with an encrypted version so that whoever has the key can read it; it gives nothing to who has not. The bytes themselves are in
/// sealed segments (docs/formats/encryption.md).
/// </summary>
/// <param name="MasterKey">Id of the master key that wrapped the data key; "" with a customer's key.</param>
/// <param name="Sealed">The wrapped data key; with a customer's key a salt and a verifier derived with it.</param>
/// <param name="CustomerKeyMd5">As the client gave it, in base64; shown with the version.</param>
public sealed record Encryption(EncryptionKind Kind, string MasterKey, byte[] Sealed, string? CustomerKeyMd5);
