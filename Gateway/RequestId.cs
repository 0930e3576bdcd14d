using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansDfs.Gateway;

/// <summary>Names one request in the answer, in the log and in error documents: 16 upper-case hexadecimal digits, as S3's.</summary>
/// <remarks>
/// A count from a random beginning, mixed (SplitMix64, which is one to one): no process gives an id twice, and two processes do as seldom as with
/// random ones. It keeps no secret, so nothing is asked of the generator of keys for each request.
/// </remarks>
static class RequestId
{
    const ulong Step = 0x9E3779B97F4A7C15;

    static ulong _count = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public static string New()
    {
        var mixed = Interlocked.Add(ref _count, Step);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, mixed ^ (mixed >> 31));
        return Convert.ToHexString(bytes);
    }
}
