using Orleans.Concurrency;

namespace OrleansDfs.Abstractions;

/// <summary>
/// Data keys of encrypted files. The master keys never leave the silos: a gateway asks for a new data key, or hands in a wrapped one, and holds the
/// key in memory for one request.
/// </summary>
[Alias("dfs.IKeyGrain")]
public interface IKeyGrain : IGrainWithIntegerKey
{
    /// <summary>A new random data key of 32 bytes, wrapped by the active master key.</summary>
    [Alias("New"), ResponseTimeout("00:00:05")]
    Task<DataKey> New();

    /// <summary><see cref="DfsStatus.NotFound"/>: this cluster has no such master key, or it is not the one that wrapped these bytes.</summary>
    [Alias("Open"), ResponseTimeout("00:00:05")]
    Task<DataKey> Open(string masterKey, byte[] wrapped);
}

/// <param name="Key">In the clear.</param>
[GenerateSerializer, Immutable, Alias("dfs.DataKey")]
public sealed record DataKey(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] string MasterKey,
    [property: Id(2)] byte[] Wrapped,
    [property: Id(3)] byte[] Key)
{
    /// <summary>Never the key: records print their members, and logs print records.</summary>
    public override string ToString() => $"DataKey({Status}, {MasterKey})";
}
