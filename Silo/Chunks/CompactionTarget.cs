using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Chunks;

/// <summary>The new chunk of one compaction: opened when the first record needs it, sealed at the end, whatever has happened. Its lease covers the
/// whole
/// work, so that nobody renews it; after a crash the supervisor seals it when the lease has run out (P5).</summary>
internal sealed class CompactionTarget(ChunkOpener opener, ChunkSealer sealer, SiloOptions options, CancellationToken cancellation) : IAsyncDisposable
{
    private static readonly TimeSpan LeastLease = TimeSpan.FromMinutes(5);

    private OpenChunk? _open;
    private long _used = RecordLayout.ChunkHeaderSize;

    /// <summary>Nothing more can be copied in this run.</summary>
    public bool IsLost { get; private set; }

    public string Explanation { get; private set; } = "";

    /// <summary>The chunk with room for so many bytes; another one when the present has too little; <c>null</c>: none can be opened.</summary>
    public async Task<OpenChunk?> OpenAsync(long bytes)
    {
        if (_open is { } open && _used + bytes <= open.Capacity)
        {
            _used += bytes;
            return open;
        }
        await SealAsync();
        cancellation.ThrowIfCancellationRequested();
        // A chunk of another time may be larger than chunks are today.
        var capacity = Math.Max(options.ChunkSize, RecordLayout.ChunkHeaderSize + bytes);
        var rate = options.Compaction.BytesPerSecond;
        var lease = LeastLease + (rate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(4.0 * capacity / rate));
        var request = new OpenChunkRequest($"compaction/{Guid.NewGuid():N}", ChunkKind.Compaction, [], null);
        var outcome = await opener.OpenAsync(request, capacity, lease);
        foreach (var abandoned in outcome.Abandoned) await sealer.SealAsync(abandoned, "could not be opened");
        (_open, Explanation, _used) = (outcome.Chunk, outcome.Explanation, RecordLayout.ChunkHeaderSize + bytes);
        return _open;
    }

    public void Lose() => IsLost = true;

    public async ValueTask DisposeAsync() => await SealAsync();

    private async Task SealAsync()
    {
        if (_open is not { } open) return;
        _open = null;
        await sealer.SealAsync(open.Chunk, "compaction is done with it");
    }
}
