using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>Who sent a request, after the signature was compared.</summary>
/// <param name="User"><c>null</c>: anonymous.</param>
/// <param name="Signed">The verified signature of version 4; chunks of a signed streaming body go on from it. <c>null</c> for forms and version
/// 2.</param>
/// <param name="SigningKey">The derived key, 32 bytes.</param>
sealed record Identity(UserInfo? User, SignedRequest? Signed, byte[]? SigningKey)
{
    /// <summary>What is attached to the user, and to who made it.</summary>
    public IdentityPolicies Policies { get; init; } = IdentityPolicies.None;

    /// <summary>How it was proved who sent it; <c>null</c>: anonymous.</summary>
    public Proof? Proof { get; init; }

    public static readonly Identity Anonymous = new(null, null, null);
}

/// <summary>What policies may ask of a signature (AWS, "Amazon S3 Signature Version 4 authentication-specific policy keys").</summary>
/// <param name="Version"><c>AWS4-HMAC-SHA256</c> or <c>AWS</c>.</param>
/// <param name="Type"><c>REST-HEADER</c>, <c>REST-QUERY-STRING</c> or <c>POST</c>.</param>
/// <param name="Signed">When; <c>null</c> where the signature does not say: links and forms of version 2.</param>
sealed record Proof(string Version, string Type, DateTimeOffset? Signed)
{
    public const string Header = "REST-HEADER";
    public const string Query = "REST-QUERY-STRING";
    public const string Form = "POST";
}
