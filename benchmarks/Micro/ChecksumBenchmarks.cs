using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using OrleansDfs.Model;

namespace OrleansDfs.Micro;

/// <summary>What every byte pays: checksums of a small file, a page and a record.</summary>
public class ChecksumBenchmarks
{
    byte[] _data = [];

    [Params(4 << 10, 64 << 10, 1 << 20)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _data = new byte[Bytes];
        new Random(1).NextBytes(_data);
    }

    [Benchmark]
    public uint Crc32C() => Model.Crc32C.Compute(_data);

    [Benchmark]
    public ulong Crc64Nvme() => Model.Crc64Nvme.Compute(_data);

    [Benchmark]
    public int Md5()
    {
        Span<byte> hash = stackalloc byte[16];
        return MD5.HashData(_data, hash);
    }

    [Benchmark]
    public int Sha256()
    {
        Span<byte> hash = stackalloc byte[32];
        return SHA256.HashData(_data, hash);
    }

    /// <summary>As a PUT by an SDK of today has it: MD5 for the ETag and the checksum that it asked for.</summary>
    [Benchmark]
    public DigestValues Md5AndCrc64NvmeOfAPut()
    {
        using var digests = new DigestSet(Digests.Md5 | Digests.Crc64Nvme);
        digests.Append(_data);
        return digests.Finish();
    }
}
