using OrleansDfs.Abstractions;
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
        var scope = new SigningScope(signed.AccessKey, signed.Scope.Date, signed.Scope.Region, signed.Scope.Service);
        var found = await identities.Resolve(scope, cancellation);
        if (found.Status is not (DfsStatus.Ok or DfsStatus.NotFound)) throw found.Status.ToException();
        signed.Verify(found.Status == DfsStatus.Ok ? found.SigningKey : null); // an unknown key costs the same
        HoistedHeaders.Add(headers, target.Query, signed); // only now: they count because the signature covers them
        return new Identity(found.User, signed, found.SigningKey);
    }
}
