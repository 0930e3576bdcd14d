using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;
using SigningScope = OrleansDfs.Abstractions.SigningScope;

namespace OrleansDfs.Gateway.Access;

/// <summary>Second to third stage of a request: from its signature to who sent it.</summary>
sealed class Authentication(IdentityCache identities, GatewaySettings settings, TimeProvider time)
{
    readonly SignatureRules _rules = new() { Region = settings.Region };

    /// <exception cref="S3Exception">The signature is wrong, or cannot be judged now.</exception>
    public async ValueTask<Identity> Identify(string method, RequestTarget target, RequestHeaders headers, CancellationToken cancellation)
    {
        if (SignedRequest.Parse(method, target, headers, _rules, time.GetUtcNow()) is not { } signed) return Identity.Anonymous;
        var found = await Resolve(signed.AccessKey, signed.Scope, cancellation);
        signed.Verify(found.SigningKey); // an unknown key costs the same
        HoistedHeaders.Add(headers, target.Query, signed); // only now: they count because the signature covers them
        return new Identity(found.User, signed, found.SigningKey) { Policies = found.Policies };
    }

    /// <summary>The sender of a form, and the policy that the form was held against; <c>null</c> for an anonymous form.</summary>
    /// <exception cref="S3Exception">The signature is wrong, or the form breaks its policy.</exception>
    public async ValueTask<(Identity Identity, PostPolicy? Policy)> Identify(FormFields fields, BucketName bucket, CancellationToken cancellation)
    {
        if (FormSignature.Parse(fields, _rules) is not { } signed) return (Identity.Anonymous, null);
        var found = await Resolve(signed.AccessKey, signed.Scope, cancellation);
        signed.Verify(found.SigningKey);
        var policy = PostPolicy.Parse(fields["policy"]!);
        policy.Check(fields, bucket.Value, time.GetUtcNow());
        return (new Identity(found.User, null, found.SigningKey) { Policies = found.Policies }, policy);
    }

    /// <summary>An unknown access key has no signing key; the signature is computed all the same.</summary>
    async ValueTask<KnownIdentity> Resolve(string accessKey, S3.SigningScope scope, CancellationToken cancellation)
    {
        var found = await identities.Resolve(new SigningScope(accessKey, scope.Date, scope.Region, scope.Service), cancellation);
        if (found.Status is not (DfsStatus.Ok or DfsStatus.NotFound)) throw found.Status.ToException();
        return found;
    }
}
