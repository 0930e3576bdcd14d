using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Chunks;

/// <summary>
/// Runs one seal or repair of its chunk at a time on this activation; that two activations may do so at once is what the catalog's compare-and-set is
/// for.
/// </summary>
[ChunkPlacement]
[GrainType("chunk")]
public sealed class ChunkGrain(CatalogDatabase catalog, ChunkSealer sealer, ChunkRepairer repairer) : Grain, IChunkGrain
{
    private ChunkId Chunk => new(this.GetPrimaryKeyLong());

    public Task<ChunkRow?> Find(CancellationToken cancellation) => catalog.Chunks.GetAsync(Chunk, cancellation);

    public Task<SealResult> Seal(string reason) => sealer.SealAsync(Chunk, reason);

    public Task<RepairResult> Repair(NodeId target) => repairer.RepairAsync(Chunk, target, CancellationToken.None);
}
