using Microsoft.Extensions.Logging;
using Orleans;

namespace OrleansDfs.Client;

public sealed class ChunkLeases : IAsyncDisposable
{
    public ChunkLeases(IGrainFactory grains, NodeDirectory nodes, DfsClientOptions options, TimeProvider time, ILogger<ChunkLeases> log)
    {
    }

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
