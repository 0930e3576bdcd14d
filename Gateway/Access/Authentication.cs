using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using OrleansDfs.S3;
using SigningScope = OrleansDfs.Abstractions.SigningScope;

namespace OrleansDfs.Gateway.Access;

/// <summary>Second to third stage of a request: from its signature to who sent it.</summary>
sealed class Authentication(IdentityCache identities, FailedSignatures failures, ClusterGrains grains, GatewaySettings settings, TimeProvider time)
{
    readonly SignatureRules _rules = new() { Region = settings.Region };

    /// <exception cref="S3Exception">The signature is wrong, or cannot be judged now; SlowDown after too many wrong ones.</exception>
    public ValueTask<Identity> Identify(HttpContext http, RequestTarget target, RequestHeaders headers) => failures.Guard(
        http.Connection.RemoteIpAddress, () => Identify(http.Request.Method, target, headers, http.RequestAborted));

    async ValueTask<Identity> Identify(string method, RequestTarget target, RequestHeaders headers, CancellationToken cancellation)
    {
        if (settings.LegacySignatures && LegacySignature.IsClaimed(target.Query, headers))
            return await IdentifyLegacy(method, target, headers, cancellation);
        if (SignedRequest.Parse(method, target, headers, _rules, time.GetUtcNow()) is not { } signed) return Identity.Anonymous;
        var found = await Resolve(signed.AccessKey, signed.Scope, cancellation);
        signed.Verify(found.SigningKey); // an unknown key costs the same
        HoistedHeaders.Add(headers, target.Query, signed.Claim.IsPresigned); // only now: they count because the signature covers them
        return new Identity(found.User, signed, found.SigningKey)
        {
            Policies = found.Policies,
            Proof = new Proof(SignatureRules.Algorithm, signed.Claim.IsPresigned ? Proof.Query : Proof.Header, signed.Claim.Time),
        };
    }

    /// <summary>The sender of a form, and the policy that the form was held against; <c>null</c> for an anonymous form.</summary>
    /// <exception cref="S3Exception">The signature is wrong, or the form breaks its policy; SlowDown after too many wrong signatures.</exception>
    public async ValueTask<(Identity Identity, PostPolicy? Policy)> Identify(HttpContext http, FormFields fields, BucketName bucket)
    {
        var signer = await failures.Guard(http.Connection.RemoteIpAddress, () => IdentifySigner(fields, http.RequestAborted));
        if (signer is not { } identity) return (Identity.Anonymous, null);
        var policy = PostPolicy.Parse(fields["policy"]!);
        policy.Check(fields, bucket.Value, time.GetUtcNow());
        return (identity, policy);
    }

    async ValueTask<Identity?> IdentifySigner(FormFields fields, CancellationToken cancellation)
    {
        if (LegacyFormSignature.IsClaimed(fields))
        {
            if (!settings.LegacySignatures) throw new S3Exception(ErrorCode.InvalidRequest, SignatureClaim.UnsupportedMechanism);
            var legacy = LegacyFormSignature.Parse(fields);
            var proof = new Proof(LegacySignature.Scheme, Proof.Form, null);
            return await Verify(legacy.AccessKey, [legacy.StringToSign], legacy.Signature, legacy.Mismatch, proof, cancellation);
        }
        if (FormSignature.Parse(fields, _rules) is not { } signed) return null;
        var found = await Resolve(signed.AccessKey, signed.Scope, cancellation);
        signed.Verify(found.SigningKey);
        return new Identity(found.User, null, found.SigningKey)
        {
            Policies = found.Policies,
            Proof = new Proof(SignatureRules.Algorithm, Proof.Form, signed.Time),
        };
    }

    async ValueTask<Identity> IdentifyLegacy(string method, RequestTarget target, RequestHeaders headers, CancellationToken cancellation)
    {
        var signed = LegacySignature.Parse(method, target, headers, _rules, time.GetUtcNow());
        var proof = new Proof(LegacySignature.Scheme, signed.IsPresigned ? Proof.Query : Proof.Header, signed.IsPresigned ? null : signed.Time);
        var identity = await Verify(signed.AccessKey, signed.StringsToSign, signed.Signature, signed.Mismatch, proof, cancellation);
        HoistedHeaders.Add(headers, target.Query, signed.IsPresigned);
        return identity;
    }

    /// <summary>Version 2 signs with the secret itself, which never leaves a silo: it compares.</summary>
    async ValueTask<Identity> Verify(
        string accessKey, byte[][] stringsToSign, byte[] signature, Func<S3Exception> mismatch, Proof proof, CancellationToken cancellation)
    {
        var found = await grains.ReadAsync(() => grains.Identity().VerifyLegacy(accessKey, stringsToSign, signature, cancellation), cancellation);
        return found.Status switch
        {
            DfsStatus.Ok => new Identity(found.User, null, null) { Policies = IdentityPolicies.Read(found.Policies ?? []), Proof = proof },
            DfsStatus.NotFound => throw new S3Exception(ErrorCode.InvalidAccessKeyId, null, ("AWSAccessKeyId", accessKey)),
            DfsStatus.AccessDenied => throw mismatch(),
            _ => throw found.Status.ToException(),
        };
    }

    /// <summary>An unknown access key has no signing key; the signature is computed all the same.</summary>
    async ValueTask<KnownIdentity> Resolve(string accessKey, S3.SigningScope scope, CancellationToken cancellation)
    {
        var found = await identities.Resolve(new SigningScope(accessKey, scope.Date, scope.Region, scope.Service), cancellation);
        if (found.Status is not (DfsStatus.Ok or DfsStatus.NotFound)) throw found.Status.ToException();
        return found;
    }
}
