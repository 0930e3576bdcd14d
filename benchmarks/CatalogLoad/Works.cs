using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.CatalogLoad;

/// <summary>The calls that are timed, each for a caller by its number. What a delete takes was put by the same caller in the same call.</summary>
sealed class Works
{
    const int Chunks = 4, Files = 20_000;

    static readonly Dictionary<string, string> _none = [];

    readonly IReadOnlyList<CatalogDatabase> _catalogs;
    readonly BucketInfo _bucket;
    readonly ChunkRow[] _chunks;
    long _next;
    long _place;

    Works(IReadOnlyList<CatalogDatabase> catalogs, BucketInfo bucket, ChunkRow[] chunks)
    {
        (_catalogs, _bucket, _chunks) = (catalogs, bucket, chunks);
        All =
        [
            ("put, new key", caller => PutAsync(caller, $"new/{Interlocked.Increment(ref _next)}")),
            ("put, known key", caller => PutAsync(caller, $"known/{caller}/{Random.Shared.Next(1000)}")),
            ("put and delete", PutAndDeleteAsync),
            ("get", caller => ReadAsync(caller, ManifestWish.IfShort)),
            ("head", caller => ReadAsync(caller, ManifestWish.None)),
        ];
    }

    public IReadOnlyList<(string Name, Func<int, Task> Work)> All { get; }

    public static async Task<Works> PrepareAsync(IReadOnlyList<CatalogDatabase> catalogs)
    {
        var made = await catalogs[0].Buckets.CreateAsync(BucketName.Parse("load"), "root", "us-east-1", false, _none);
        var chunks = new ChunkRow[Chunks];
        for (var i = 0; i < Chunks; i++)
        {
            NodeId[] nodes = [NodeId.New(), NodeId.New(), NodeId.New()];
            chunks[i] = await catalogs[0].Chunks.OpenAsync(
                new OpenChunkSpec(ChunkKind.Shared, 3, nodes[0], 1, nodes, "load", TimeSpan.FromHours(1)));
        }
        var works = new Works(catalogs, made.Bucket!, chunks);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async caller =>
        {
            for (var i = caller; i < Files; i += 100) await works.PutAsync(caller, $"read/{i}");
        }));
        return works;
    }

    async Task PutAsync(int caller, string key)
    {
        var start = RecordLayout.ChunkHeaderSize + 5000L * Interlocked.Increment(ref _place);
        var extent = new Extent(_chunks[caller % Chunks].Chunk, start, start + RecordLayout.FixedHeaderSize + RecordLayout.BodySize(4096), 4096);
        var properties = FileProperties.Empty with
        {
            ContentType = "binary/octet-stream",
            Checksum = new Checksum(ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject, "AAAAAAAAAAA="),
        };
        var outcome = await Catalog(caller).Files.CommitAsync(new CommitRequest(
            _bucket.Ref, ObjectKey.Parse(key), AttemptId.New(), new WrittenBlob(BlobId.New(), 4096, [extent]),
            "d41d8cd98f00b204e9800998ecf8427e", properties, _none, WritePrecondition.None));
        Expect(outcome.Status);
    }

    async Task PutAndDeleteAsync(int caller)
    {
        var key = $"gone/{Interlocked.Increment(ref _next)}";
        await PutAsync(caller, key);
        Expect((await Catalog(caller).Files.DeleteAsync(new DeleteRequest(_bucket.Ref, ObjectKey.Parse(key),
            AttemptId.New(), default, null))).Status);
    }

    async Task ReadAsync(int caller, ManifestWish manifest) => Expect((await Catalog(caller).Files.ReadAsync(
        new ReadRequest(_bucket.Ref, ObjectKey.Parse($"read/{Random.Shared.Next(Files)}"), default, null, manifest))).Status);

    CatalogDatabase Catalog(int caller) => _catalogs[caller % _catalogs.Count];

    static void Expect(CatalogStatus status)
    {
        if (status != CatalogStatus.Ok) throw new InvalidOperationException($"The catalog answered {status}.");
    }
}
