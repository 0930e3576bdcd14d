using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Chunks;

/// <summary>
/// Opens and leases chunks on whichever silo is asked; a stateless worker, so no silo's death stops the others from opening chunks.
/// </summary>
[StatelessWorker, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("chunk-allocator")]
public sealed class ChunkAllocatorGrain(CatalogDatabase catalog, ChunkOpener opener, SiloOptions options, ILogger<ChunkAllocatorGrain> log)
    : Grain, IChunkAllocatorGrain
{
    /// <summary>Writers renew it every minute.</summary>
    private static readonly TimeSpan HoldFor = TimeSpan.FromMinutes(5);

    public async Task<OpenChunkResult> Open(OpenChunkRequest request)
    {
        try
        {
            var outcome = await opener.OpenAsync(request, options.ChunkSize, options.ChunkLease);
            SealLater(outcome.Abandoned, "could not be opened");
            return new OpenChunkResult(outcome.Chunk is null ? DfsStatus.Unavailable : DfsStatus.Ok, outcome.Chunk, outcome.Explanation);
        }
        catch (CatalogUnavailableException e)
        {
            return new OpenChunkResult(DfsStatus.Unavailable, null, e.Message);
        }
    }

    public async Task<ChunkId[]> Renew(string opener, ChunkId[] chunks) =>
        [.. await catalog.Chunks.RenewLeasesAsync(opener, chunks, options.ChunkLease)];

    public Task Hold(BlobId blob, ChunkId[] chunks) => catalog.Compaction.HoldAsync(blob, chunks, HoldFor);

    public Task Release(string opener, ChunkId[] chunks, string reason)
    {
        SealLater(chunks, reason);
        return Task.CompletedTask;
    }

    /// <summary>P10: a writer never waits for a seal. What fails here is found by the supervisor when the lease runs out.</summary>
    private void SealLater(IReadOnlyList<ChunkId> chunks, string reason)
    {
        foreach (var chunk in chunks) Observe(chunk, GrainFactory.Chunk(chunk).Seal(reason));
    }

    private void Observe(ChunkId chunk, Task<SealResult> seal) => seal.ContinueWith(
        done => log.LogWarning(done.Exception!.GetBaseException(), "Sealing chunk {Chunk} failed; the supervisor will try again", chunk),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);
}
