using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>
/// Random histories of writes, overwrites, deletes, copies, multipart uploads, seals, compactions and sweeps against a dictionary. The bytes are
/// played by a second dictionary, place → blob: a compaction copies an entry, a deleted chunk loses its. Checked after every step: each key's
/// manifest
/// leads to places that still are there and hold the blob that was written.
/// </summary>
public abstract class CompactionModel : CatalogContract
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(-1);
    private const int Steps = 80;

    private readonly Dictionary<(ChunkId Chunk, long Start), BlobId> _bytes = [];
    private readonly Dictionary<string, List<BlobId>> _files = [];
    private readonly Dictionary<ChunkId, long> _ends = [];
    private readonly List<ChunkRow> _open = [];
    private readonly List<ChunkRow> _sealed = [];
    private BucketInfo _bucket = null!;
    private Random _random = null!;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_history_loses_a_live_byte(int seed)
    {
        Need();
        _random = new Random(seed);
        _bucket = await BucketAsync();
        for (var step = 0; step < Steps; step++)
        {
            var what = "";
            try
            {
                what = await StepAsync();
                await CheckAsync();
            }
            catch (Exception e) when (e is not SkipException)
            {
                throw new InvalidOperationException($"Seed {seed}, step {step} ({what}): {e.Message}", e);
            }
        }
    }

    private async Task<string> StepAsync()
    {
        switch (_random.Next(12))
        {
            case < 4:
                await PutAsync();
                return "put";
            case 4 or 5:
                var gone = AnyKey();
                await DeleteAsync(_bucket, gone);
                _files.Remove(gone);
                return $"delete {gone}";
            case 6:
                return await CopyAsync();
            case 7:
                return await MultipartAsync();
            case 8:
                return await SealAsync();
            case 9 or 10:
                return await CompactAsync();
            default:
                return await SweepAsync();
        }
    }

    private async Task PutAsync()
    {
        var key = AnyKey();
        var blob = await WriteAsync();
        Assert.Equal(CatalogStatus.Ok, (await Catalog.Files.CommitAsync(Commit(_bucket, key, blob))).Status);
        _files[key] = [blob.Blob];
    }

    private async Task<string> CopyAsync()
    {
        var (from, to) = (AnyKey(), AnyKey());
        if (!_files.TryGetValue(from, out var blobs)) return "nothing to copy";
        var version = (await ReadAsync(_bucket, from)).Version!;
        var copy = new CopyRequest(
            _bucket.Ref, ObjectKey.Parse(to), AttemptId.New(), _bucket.Ref, ObjectKey.Parse(from), version.Version,
                null, null, WritePrecondition.None);
        Assert.Equal(CatalogStatus.Ok, (await Catalog.Files.CopyAsync(copy)).Status);
        _files[to] = blobs;
        return $"copy {from} to {to}";
    }

    private async Task<string> MultipartAsync()
    {
        var key = AnyKey();
        var upload = new UploadInfo(
            UploadId.New(), _bucket.Id, ObjectKey.Parse(key), "root", default, FileProperties.Empty, new Dictionary<string, string>(), null, null);
        Assert.Equal(CatalogStatus.Ok, await Catalog.Uploads.CreateAsync(_bucket.Ref, upload));
        var parts = new List<UploadPart>();
        for (var number = 1; number <= 3; number++)
        {
            var put = await Catalog.Uploads.PutPartAsync(new PutPartRequest(
                _bucket.Ref, ObjectKey.Parse(key), upload.Upload, number, AttemptId.New(), await WriteAsync(), "part", null));
            Assert.Equal(CatalogStatus.Ok, put.Status);
            parts.Add(put.Part!);
            if (_random.Next(2) == 0) await CompactAsync(); // a part's bytes are live before the upload is completed
        }
        if (_random.Next(4) == 0)
        {
            Assert.Equal(CatalogStatus.Ok, await Catalog.Uploads.AbortAsync(upload.Upload));
            return "abort";
        }
        var complete = new CompleteRequest(
            _bucket.Ref, ObjectKey.Parse(key), upload.Upload, AttemptId.New(), parts, "etag", FileProperties.Empty, WritePrecondition.None);
        Assert.Equal(CatalogStatus.Ok, (await Catalog.Uploads.CompleteAsync(complete)).Status);
        _files[key] = [.. parts.Select(p => p.Blob)];
        return $"multipart {key}";
    }

    private async Task<string> SealAsync()
    {
        if (_open.Count == 0) return "nothing to seal";
        var chunk = _open[_random.Next(_open.Count)];
        _open.Remove(chunk);
        await Catalog.Chunks.BeginSealAsync(chunk.Chunk);
        var length = Math.Max(_ends[chunk.Chunk], RecordLayout.ChunkHeaderSize);
        var outcome = await Catalog.Chunks.SealAsync(chunk.Chunk, length, [.. chunk.Replicas.Select(r => r.Epoch)], [], []);
        Assert.Equal(SealStatus.Sealed, outcome.Status);
        _sealed.Add(chunk);
        return $"seal {chunk.Chunk}";
    }

    /// <summary>Half of the time a delete comes between the look and the transaction.</summary>
    private async Task<string> CompactAsync()
    {
        if (_sealed.Count == 0) return "nothing to compact";
        var old = _sealed[_random.Next(_sealed.Count)];
        var live = await Catalog.Compaction.LiveExtentsAsync(old.Chunk);
        var target = await OpenedAsync();
        var moves = new List<MovedExtent>();
        foreach (var from in live)
        {
            var to = Append(target, from.Extent.Length, _bytes[(old.Chunk, from.Extent.Start)]);
            moves.Add(new MovedExtent(from, to));
        }
        if (_random.Next(2) == 0)
        {
            var gone = AnyKey();
            await DeleteAsync(_bucket, gone);
            _files.Remove(gone);
        }
        var status = await Catalog.Compaction.RetireAsync(old.Chunk, moves);
        if (status == CompactionStatus.Retired) _sealed.Remove(old);
        else Assert.Equal(CompactionStatus.NotSealed, status);
        return $"compact {old.Chunk}: {status}";
    }

    private async Task<string> SweepAsync()
    {
        await Catalog.Maintenance.FoldFreedAsync(100);
        await Catalog.Compaction.MeasureAsync(AtOnce, 10);
        await Catalog.Chunks.RetireUnusedAsync(AtOnce, 10);
        foreach (var retired in await Catalog.Chunks.RetiredToDeleteAsync(AtOnce, 10))
        {
            foreach (var place in _bytes.Keys.Where(p => p.Chunk == retired.Chunk).ToList()) _bytes.Remove(place);
            foreach (var replica in retired.Replicas) await Catalog.Chunks.DeleteRetiredAsync(retired.Chunk, replica.Epoch);
            _sealed.RemoveAll(c => c.Chunk == retired.Chunk);
        }
        return "sweep";
    }

    private async Task CheckAsync()
    {
        foreach (var (key, blobs) in _files)
        {
            var read = await ReadAsync(_bucket, key);
            Assert.Equal(CatalogStatus.Ok, read.Status);
            Assert.Equal(blobs, read.Manifest!.Extents.Select(e => _bytes[(e.Chunk, e.Start)]).ToList());
            Assert.All(read.Manifest.Locations, l => Assert.NotEmpty(l.Replicas));
        }
    }

    private async Task<WrittenBlob> WriteAsync()
    {
        var blob = BlobId.New();
        var chunk = await OpenedAsync();
        return new WrittenBlob(blob, 1000, [Append(chunk, 1000, blob)]);
    }

    private async Task<ChunkRow> OpenedAsync()
    {
        if (_open.Count > 0 && _random.Next(3) > 0) return _open[_random.Next(_open.Count)];
        var chunk = await ChunkAsync();
        _open.Add(chunk);
        _ends[chunk.Chunk] = RecordLayout.ChunkHeaderSize;
        return chunk;
    }

    private Extent Append(ChunkRow chunk, long length, BlobId blob)
    {
        var start = _ends[chunk.Chunk];
        _ends[chunk.Chunk] = start + RecordLayout.FixedHeaderSize + RecordLayout.BodySize((int)length);
        _bytes[(chunk.Chunk, start)] = blob;
        return new Extent(chunk.Chunk, start, _ends[chunk.Chunk], length);
    }

    private string AnyKey() => $"k{_random.Next(12)}";
}

public sealed class SqliteCompactionModel : CompactionModel
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresCompactionModel(PostgresFixture fixture) : CompactionModel
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
