using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>Who sent a request, after the signature was compared.</summary>
/// <param name="User"><c>null</c>: anonymous.</param>
/// <param name="Signed">The verified signature; chunks of a signed streaming body go on from it.</param>
/// <param name="SigningKey">The derived key, 32 bytes.</param>
sealed record Identity(UserInfo? User, SignedRequest? Signed, byte[]? SigningKey)
{
    /// <summary>What is attached to the user, and to who made it.</summary>
    public IdentityPolicies Policies { get; init; } = IdentityPolicies.None;

    public static readonly Identity Anonymous = new(null, null, null);
}
