using System.Buffers;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Micro;

/// <summary>ListObjectsV2's answer of 1,000 keys, from the catalog's page to bytes.</summary>
public class XmlBenchmarks
{
    static readonly BucketName _bucket = BucketName.Parse("bucket");

    readonly ArrayBufferWriter<byte> _output = new(1 << 20);
    readonly FilePage _page = new([.. Enumerable.Range(0, 1000).Select(File)], [], "photos/2026/00999.jpg");

    ListObjectsV2Parameters _parameters = null!;

    [Params("", "encoding-type=url")]
    public string Query { get; set; } = "";

    [GlobalSetup]
    public void Read() => _parameters = ListObjectsV2Parameters.Read(QueryParameters.Parse(Query));

    [Benchmark]
    public int ListObjectsV2Page()
    {
        _output.ResetWrittenCount();
        ListResults.WriteObjectsV2(_output, _bucket, _parameters, _page);
        return _output.WrittenCount;
    }

    static ListedFile File(int n) => new(
        ObjectKey.Parse(string.Create(CultureInfo.InvariantCulture, $"photos/2026/{n:00000}.jpg")), new VersionId(n + 1), false, true, false, 123_456,
        "d41d8cd98f00b204e9800998ecf8427e", new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), "root", null,
        ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject);
}
