using System.Text;

namespace OrleansDfs.S3;

/// <summary>The signature of version 2 of a browser form: HMAC-SHA1 of the policy document (AWS, "Browser-based uploads using POST", Signature
/// Version 2).</summary>
public sealed class LegacyFormSignature
{
    private readonly string _policy;
    private readonly string _signature;

    private LegacyFormSignature(string accessKey, string policy, string signature) =>
        (AccessKey, _policy, _signature) = (accessKey, policy, signature);

    public string AccessKey { get; }

    public byte[] Signature => LegacySignature.Decode(_signature);

    public byte[] StringToSign => Encoding.UTF8.GetBytes(_policy);

    /// <summary>The form has something of version 2.</summary>
    public static bool IsClaimed(FormFields fields) => fields["AWSAccessKeyId"] is not null || fields["signature"] is not null;

    /// <exception cref="S3Exception">InvalidArgument for a half signature, or one of two versions; a session token.</exception>
    public static LegacyFormSignature Parse(FormFields fields)
    {
        if (fields["x-amz-security-token"] is not null) throw new S3Exception(ErrorCode.InvalidToken);
        foreach (var name in new[] { "AWSAccessKeyId", "policy", "signature" })
            if (string.IsNullOrEmpty(fields[name])) throw FormFields.Missing(name);
        if (fields["x-amz-signature"] is { } other)
            throw S3Exception.InvalidArgument("Only one auth mechanism allowed; the form has signatures of two versions.", "X-Amz-Signature", other);
        return new LegacyFormSignature(fields["AWSAccessKeyId"]!, fields["policy"]!, fields["signature"]!);
    }

    public S3Exception Mismatch() =>
        new(ErrorCode.SignatureDoesNotMatch, null, ("AWSAccessKeyId", AccessKey), ("StringToSign", _policy), ("SignatureProvided", _signature));
}
