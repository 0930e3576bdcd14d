using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// How many wrong signatures and unknown access keys one address may send (S3.md §6, 18). Above that each gets 503 SlowDown, which tells neither
/// whether the key exists nor how far the signature was right. It refills evenly over a minute.
/// </summary>
/// <remarks>
/// Invariants: a right signature always passes, or one client behind a proxy could lock out all others there; guessing a secret is hopeless at any
/// rate, what is limited is trying out access keys. Memory is fixed, however many addresses there are: addresses share <see cref="Slots"/> budgets by
/// a hash that is drawn anew in each process, so nobody can choose whom to share with.
/// </remarks>
sealed class FailedSignatures(GatewaySettings settings, TimeProvider time)
{
    public const int Slots = 16 * 1024;

    readonly long _interval = settings.FailedSignatures == 0 ? 0 : Math.Max(1, time.TimestampFrequency * 60 / settings.FailedSignatures);

    /// <summary>By slot, the time at which its budget is whole again (ITU-T I.371's virtual scheduling): one number, one compare-and-set.</summary>
    readonly long[] _whole = new long[Slots];

    readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <summary>Runs a check of signatures and counts its refusals.</summary>
    /// <exception cref="S3Exception">What the check throws, or SlowDown in its place.</exception>
    public async ValueTask<T> Guard<T>(IPAddress? address, Func<ValueTask<T>> check)
    {
        try
        {
            return await check();
        }
        catch (S3Exception failed) when (IsCounted(failed.Code) && !TryCount(address))
        {
            throw new S3Exception(ErrorCode.SlowDown, "Too many requests with wrong signatures. Please reduce your request rate.");
        }
    }

    /// <returns>Whether this failure is within the address's budget.</returns>
    public bool TryCount(IPAddress? address)
    {
        if (_interval == 0) return true;
        ref var whole = ref _whole[Slot(address)];
        var now = time.GetTimestamp();
        while (true)
        {
            var seen = Volatile.Read(ref whole);
            var next = Math.Max(seen, now) + _interval;
            if (next - now > _interval * settings.FailedSignatures) return false;
            if (Interlocked.CompareExchange(ref whole, next, seen) == seen) return true;
        }
    }

    static bool IsCounted(ErrorCode code) => code == ErrorCode.SignatureDoesNotMatch || code == ErrorCode.InvalidAccessKeyId;

    /// <summary>The peer's address; of IPv6 the network of 64 bits, for a host has all of it.</summary>
    int Slot(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();
        if (address is not null && address.TryWriteBytes(bytes, out _) && address.AddressFamily == AddressFamily.InterNetworkV6) bytes[8..].Clear();
        return (int)(System.IO.Hashing.XxHash3.HashToUInt64(bytes, _seed) % Slots);
    }
}
