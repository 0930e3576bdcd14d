using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Files;

/// <summary>
/// The bytes of small files that this silo's own storage node has, for those who open a file to read it: the answer then brings them, and no node is
/// asked after it. They are read as a peer would read them (P28: only what is served) and not verified: the reader does (P22), and asks the nodes
/// where they are wrong or did not come along.
/// </summary>
public sealed class NearPages(IChunkPeer node, TimeProvider time)
{
    /// <summary>A disk that takes longer holds up the answer no more; the reader's hedge is as patient.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>The same answer, with <see cref="ManifestPage.Pages"/> where they were wanted and are to be had.</summary>
    /// <param name="upTo">See <see cref="OpenFile"/>; 0: not wanted.</param>
    public async ValueTask<OpenFileResult> JoinAsync(OpenFileResult opened, int upTo)
    {
        if (opened is not { Status: DfsStatus.Ok, Manifest: { Extents: [var extent], Complete: true, Locations: [var location] } manifest })
            return opened;
        if (extent.Length > Math.Min(upTo, RecordLayout.PageSize) || Own(location) is not { } file) return opened;
        var run = new ExtentLayout(extent).Locate(0, extent.Length);
        var pages = new byte[run.Length];
        return await ReadAsync(file, run.Offset, pages) ? opened with { Manifest = manifest with { Pages = pages } } : opened;
    }

    private ReplicaFile? Own(ChunkLocation location)
    {
        foreach (var replica in location.Replicas)
            if (replica.Node == node.Address.Node) return new ReplicaFile(location.Chunk, replica.Epoch);
        return null;
    }

    private async ValueTask<bool> ReadAsync(ReplicaFile file, long offset, byte[] pages)
    {
        var reading = node.ReadAsync(file, offset, pages, CancellationToken.None);
        if (reading.IsCompleted) return await reading == ChunkStatus.Ok; // from the page cache
        try
        {
            return await reading.AsTask().WaitAsync(Patience, time) == ChunkStatus.Ok;
        }
        catch (TimeoutException)
        {
            return false; // the array is the read's until it ends, and nobody else's
        }
    }
}
