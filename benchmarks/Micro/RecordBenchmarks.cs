using BenchmarkDotNet.Attributes;
using OrleansDfs.Model;

namespace OrleansDfs.Micro;

/// <summary>A record's way through the writer (framed and sealed), the primary (checked and placed) and the reader (verified).</summary>
public class RecordBenchmarks
{
    static readonly RecordOwner _owner = new(BucketName.Parse("bucket"), ObjectKey.Parse("photos/2026/some-picture.jpg"));
    static readonly ChunkId _chunk = new(7);

    readonly BlobId _blob = BlobId.New();
    byte[] _record = [];
    byte[] _placed = [];

    [Params(4 << 10, 1 << 20)]
    public int Payload { get; set; }

    [GlobalSetup]
    public void Make()
    {
        _record = new byte[Format.RecordSize(_owner, Payload)];
        new Random(1).NextBytes(_record);
        Frame();
        _placed = [.. _record];
        Format.Place(_placed, _chunk, RecordLayout.ChunkHeaderSize);
    }

    [Benchmark]
    public void Frame()
    {
        Format.WriteHeader(_record, _owner, _blob, 0, Payload);
        Format.SealPages(_record.AsSpan(Format.HeaderSize(_owner)), Payload);
    }

    [Benchmark]
    public bool Check() => Format.CheckUnplaced(_record);

    [Benchmark]
    public void PlaceAndUnplace()
    {
        Format.Place(_record, _chunk, RecordLayout.ChunkHeaderSize);
        Format.Unplace(_record, _chunk, RecordLayout.ChunkHeaderSize);
    }

    [Benchmark]
    public bool Verify() => Format.Verify(_placed, _chunk, RecordLayout.ChunkHeaderSize);
}
