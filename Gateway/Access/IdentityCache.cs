using System.Collections.Concurrent;
using OrleansDfs.Abstractions;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// Users and derived signing keys by scope, for 30 s at most: that is how long a revoked key goes on working (DESIGN §9). Unknown keys are asked for
/// every time: a key made a moment ago works at once.
/// </summary>
sealed class IdentityCache(IGrainFactory grains, GatewaySettings settings, TimeProvider time)
{
    const int MaxEntries = 10_000;

    readonly ConcurrentDictionary<SigningScope, Entry> _entries = new();

    public ValueTask<IdentityResult> Resolve(SigningScope scope, CancellationToken cancellation) =>
        _entries.TryGetValue(scope, out var entry) && time.GetElapsedTime(entry.Loaded) < settings.IdentityCache
            ? ValueTask.FromResult(entry.Identity)
            : new ValueTask<IdentityResult>(Load(scope, cancellation));

    async Task<IdentityResult> Load(SigningScope scope, CancellationToken cancellation)
    {
        var loaded = time.GetTimestamp();
        var identity = await grains.Identity().Resolve(scope, cancellation);
        if (identity.Status == DfsStatus.Ok)
        {
            if (_entries.Count >= MaxEntries) _entries.Clear();
            _entries[scope] = new Entry(identity, loaded);
        }
        else _entries.TryRemove(scope, out _);
        return identity;
    }

    sealed record Entry(IdentityResult Identity, long Loaded);
}
