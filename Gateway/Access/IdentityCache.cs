using System.Collections.Concurrent;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using OrleansDfs.S3;
using SigningScope = OrleansDfs.Abstractions.SigningScope;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// Users, their policies and derived signing keys by scope, for 30 s at most: that is how long a revoked key goes on working, and a changed policy is
/// not seen (DESIGN §9). Unknown keys are asked for every time: a key made a moment ago works at once.
/// </summary>
sealed class IdentityCache(ClusterGrains grains, GatewaySettings settings, TimeProvider time)
{
    const int MaxEntries = 10_000;

    readonly ConcurrentDictionary<SigningScope, Entry> _entries = new();

    public ValueTask<KnownIdentity> Resolve(SigningScope scope, CancellationToken cancellation) =>
        _entries.TryGetValue(scope, out var entry) && time.GetElapsedTime(entry.Loaded) < settings.IdentityCache
            ? ValueTask.FromResult(entry.Identity)
            : new ValueTask<KnownIdentity>(Load(scope, cancellation));

    async Task<KnownIdentity> Load(SigningScope scope, CancellationToken cancellation)
    {
        var loaded = time.GetTimestamp();
        var identity = KnownIdentity.Of(await grains.ReadAsync(() => grains.Identity().Resolve(scope, cancellation), cancellation));
        if (identity.Status == DfsStatus.Ok)
        {
            if (_entries.Count >= MaxEntries) _entries.Clear();
            _entries[scope] = new Entry(identity, loaded);
        }
        else _entries.TryRemove(scope, out _);
        return identity;
    }

    sealed record Entry(KnownIdentity Identity, long Loaded);
}

/// <summary>What a silo said about an access key, its policies read.</summary>
sealed record KnownIdentity(DfsStatus Status, UserInfo? User, byte[]? SigningKey, IdentityPolicies Policies)
{
    public static KnownIdentity Of(IdentityResult found) => found.Status == DfsStatus.Ok
        ? new(found.Status, found.User, found.SigningKey, IdentityPolicies.Read(found.Policies ?? []))
        : new(found.Status, null, null, IdentityPolicies.None);
}
