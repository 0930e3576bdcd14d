using System.Globalization;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// The SigV4 signature of a browser form: it covers the policy document and nothing else, so the policy must cover the form (<see
/// cref="PostPolicy"/>).
/// </summary>
public sealed class FormSignature
{
    private readonly string _policy;
    private readonly string _signature;

    private FormSignature(string accessKey, SigningScope scope, DateTimeOffset time, string policy, string signature) =>
        (AccessKey, Scope, Time, _policy, _signature) = (accessKey, scope, time, policy, signature);

    public string AccessKey { get; }

    public SigningScope Scope { get; }

    /// <summary>When it was signed, by <c>x-amz-date</c>; only its day is bound to the key.</summary>
    public DateTimeOffset Time { get; }

    /// <returns><c>null</c> for an anonymous form: one with neither policy nor anything of a signature.</returns>
    /// <exception cref="S3Exception">InvalidArgument for a half signature; another region or service, SigV4A, a session token.</exception>
    public static FormSignature? Parse(FormFields fields, SignatureRules rules)
    {
        string[] names = ["policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];
        if (fields["x-amz-security-token"] is not null) throw new S3Exception(ErrorCode.InvalidToken);
        if (names.All(name => fields[name] is null)) return null;
        foreach (var name in names)
            if (string.IsNullOrEmpty(fields[name])) throw FormFields.Missing(name == "policy" ? name : Display(name));
        var algorithm = fields["x-amz-algorithm"]!;
        if (algorithm != SignatureRules.Algorithm)
            throw S3Exception.InvalidArgument($"X-Amz-Algorithm only supports \"{SignatureRules.Algorithm}\"", "X-Amz-Algorithm", algorithm);
        var credential = fields["x-amz-credential"]!;
        var (accessKey, scope) = SignatureClaim.ParseCredential(credential) ?? throw S3Exception.InvalidArgument(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; " +
            "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            "X-Amz-Credential", credential);
        var time = CheckScope(scope, credential, fields["x-amz-date"]!, rules);
        return new FormSignature(accessKey, scope, time, fields["policy"]!, fields["x-amz-signature"]!);
    }

    /// <param name="signingKey">As for <see cref="SignedRequest.Verify"/>.</param>
    /// <exception cref="S3Exception">InvalidAccessKeyId, SignatureDoesNotMatch.</exception>
    public void Verify(byte[]? signingKey)
    {
        var equal = Hmac.Matches(Hmac.Sign(signingKey ?? Hmac.DecoyKey, _policy), _signature);
        if (signingKey is null) throw new S3Exception(ErrorCode.InvalidAccessKeyId, null, ("AWSAccessKeyId", AccessKey));
        if (equal) return;
        throw new S3Exception(ErrorCode.SignatureDoesNotMatch, null,
            ("AWSAccessKeyId", AccessKey), ("StringToSign", _policy), ("SignatureProvided", _signature));
    }

    /// <summary>How long a form lives is the policy's own expiration; its date must only be the key's day.</summary>
    private static DateTimeOffset CheckScope(SigningScope scope, string credential, string date, SignatureRules rules)
    {
        if (!DateTimeOffset.TryParseExact(date, SignatureClaim.TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var time))
            throw S3Exception.InvalidArgument("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", "X-Amz-Date", date);
        var wrong = scope.Date != date[..8] ? $"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{date[..8]}\"."
            : scope.Service != SignatureRules.Service
            ? $"incorrect service \"{scope.Service}\". This endpoint belongs to \"{SignatureRules.Service}\"."
            : scope.Region != rules.Region ? $"the region '{scope.Region}' is wrong; expecting '{rules.Region}'"
            : null;
        if (wrong is not null)
            throw S3Exception.InvalidArgument($"Error parsing the X-Amz-Credential parameter; {wrong}", "X-Amz-Credential", credential);
        return time;
    }

    private static string Display(string name) =>
        new StringBuilder("X-Amz-").Append(char.ToUpperInvariant(name[6])).Append(name.AsSpan(7)).ToString();
}
