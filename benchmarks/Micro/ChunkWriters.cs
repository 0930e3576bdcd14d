using OrleansDfs.Model;
using OrleansDfs.Storage;

namespace OrleansDfs.Micro;

/// <summary>
/// Writers that append to one open chunk at once, as a primary has them: each record gets the next place and is given to the store in that order
/// (P6), then each waits until its own is durable (P7). A full chunk is left for a new one.
/// </summary>
sealed class ChunkWriters : IAsyncDisposable
{
    static readonly RecordOwner _owner = new(BucketName.Parse("bucket"), ObjectKey.Parse("photos/2026/some-picture.jpg"));

    readonly ChunkStore _store;
    readonly byte[] _unplaced;
    readonly bool _keep;
    readonly Lock _lock = new();
    ReplicaFile _file;
    long _end;

    ChunkWriters(ChunkStore store, int payload, bool keep)
    {
        _store = store;
        _keep = keep;
        _unplaced = new byte[Format.RecordSize(_owner, payload)];
        Format.WriteHeader(_unplaced, _owner, BlobId.New(), 0, payload);
        Format.SealPages(_unplaced.AsSpan(Format.HeaderSize(_owner)), payload);
    }

    /// <param name="payload">Bytes of a record.</param>
    /// <param name="keep">Keep full chunks; else they are deleted.</param>
    public static async Task<ChunkWriters> OpenAsync(string folder, Guid cluster, int payload, bool keep)
    {
        var writers = new ChunkWriters(await ChunkStore.OpenAsync(FileSystemDisk.Open(folder), cluster), payload, keep);
        await writers.NextChunkAsync();
        return writers;
    }

    public async Task AppendAsync(int writers, int records)
    {
        if (_end + (long)records * _unplaced.Length > RecordLayout.DefaultChunkCapacity) await NextChunkAsync();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(() => WriteAsync(records / writers))));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    async Task WriteAsync(int records)
    {
        var record = new byte[_unplaced.Length]; // the store's until the append is durable, then used again
        for (var i = 0; i < records; i++)
        {
            _unplaced.CopyTo(record, 0);
            ValueTask<AppendOutcome> append;
            lock (_lock)
            {
                Format.Place(record, _file.Chunk, _end);
                append = _store.AppendAsync(_file, _end, record);
                _end += record.Length;
            }
            var outcome = await append;
            if (outcome.Status != StoreStatus.Done) throw new InvalidOperationException($"An append answered {outcome.Status}.");
        }
    }

    async Task NextChunkAsync()
    {
        if (_end > 0)
        {
            await _store.CloseAsync(_file);
            if (!_keep) await _store.DeleteAsync(_file);
        }
        _file = new ReplicaFile(new ChunkId(_file.Chunk.Value + 1), 1);
        _end = RecordLayout.ChunkHeaderSize;
        var made = await _store.CreateAsync(_file);
        if (made != StoreStatus.Done) throw new InvalidOperationException($"A new chunk answered {made}.");
    }
}
