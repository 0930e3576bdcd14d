using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.replica-at")]
internal struct ReplicaAtSurrogate
{
    [Id(0)] public NodeId Node;
    [Id(1)] public long Epoch;
}

[RegisterConverter]
internal sealed class ReplicaAtConverter : IConverter<ReplicaAt, ReplicaAtSurrogate>
{
    public ReplicaAt ConvertFromSurrogate(in ReplicaAtSurrogate surrogate) => new(
        surrogate.Node,
        surrogate.Epoch);

    public ReplicaAtSurrogate ConvertToSurrogate(in ReplicaAt value) => new()
    {
        Node = value.Node,
        Epoch = value.Epoch,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.chunk-location")]
internal struct ChunkLocationSurrogate
{
    [Id(0)] public ChunkId Chunk;
    [Id(1)] public ReplicaAt[] Replicas;
}

[RegisterConverter]
internal sealed class ChunkLocationConverter : IConverter<ChunkLocation, ChunkLocationSurrogate>
{
    public ChunkLocation ConvertFromSurrogate(in ChunkLocationSurrogate surrogate) => new(
        surrogate.Chunk,
        surrogate.Replicas);

    public ChunkLocationSurrogate ConvertToSurrogate(in ChunkLocation value) => new()
    {
        Chunk = value.Chunk,
        Replicas = Copies.Array(value.Replicas),
    };
}

[GenerateSerializer, Immutable, Alias("dfs.open-chunk")]
internal struct OpenChunkSurrogate
{
    [Id(0)] public ChunkId Chunk;
    [Id(1)] public ChunkKind Kind;
    [Id(2)] public NodeId Primary;
    [Id(3)] public long PrimaryIncarnation;
    [Id(4)] public long PrimaryEpoch;
    [Id(5)] public long Capacity;
    [Id(6)] public ReplicaAt[] Replicas;
}

[RegisterConverter]
internal sealed class OpenChunkConverter : IConverter<OpenChunk, OpenChunkSurrogate>
{
    public OpenChunk ConvertFromSurrogate(in OpenChunkSurrogate surrogate) => new(
        surrogate.Chunk,
        surrogate.Kind,
        surrogate.Primary,
        surrogate.PrimaryIncarnation,
        surrogate.PrimaryEpoch,
        surrogate.Capacity,
        surrogate.Replicas);

    public OpenChunkSurrogate ConvertToSurrogate(in OpenChunk value) => new()
    {
        Chunk = value.Chunk,
        Kind = value.Kind,
        Primary = value.Primary,
        PrimaryIncarnation = value.PrimaryIncarnation,
        PrimaryEpoch = value.PrimaryEpoch,
        Capacity = value.Capacity,
        Replicas = Copies.Array(value.Replicas),
    };
}

[GenerateSerializer, Immutable, Alias("dfs.replica")]
internal struct ReplicaSurrogate
{
    [Id(0)] public NodeId Node;
    [Id(1)] public long Epoch;
    [Id(2)] public int Shard;
    [Id(3)] public ReplicaState State;
}

[RegisterConverter]
internal sealed class ReplicaConverter : IConverter<Replica, ReplicaSurrogate>
{
    public Replica ConvertFromSurrogate(in ReplicaSurrogate surrogate) => new(
        surrogate.Node,
        surrogate.Epoch,
        surrogate.Shard,
        surrogate.State);

    public ReplicaSurrogate ConvertToSurrogate(in Replica value) => new()
    {
        Node = value.Node,
        Epoch = value.Epoch,
        Shard = value.Shard,
        State = value.State,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.chunk-row")]
internal struct ChunkRowSurrogate
{
    [Id(0)] public ChunkId Chunk;
    [Id(1)] public ChunkState State;
    [Id(2)] public ChunkKind Kind;
    [Id(3)] public long Epoch;
    [Id(4)] public long? SealedLength;
    [Id(5)] public int Wanted;
    [Id(6)] public NodeId Primary;
    [Id(7)] public long PrimaryIncarnation;
    [Id(8)] public Replica[] Replicas;
}

[RegisterConverter]
internal sealed class ChunkRowConverter : IConverter<ChunkRow, ChunkRowSurrogate>
{
    public ChunkRow ConvertFromSurrogate(in ChunkRowSurrogate surrogate) => new(
        surrogate.Chunk,
        surrogate.State,
        surrogate.Kind,
        surrogate.Epoch,
        surrogate.SealedLength,
        surrogate.Wanted,
        surrogate.Primary,
        surrogate.PrimaryIncarnation,
        surrogate.Replicas);

    public ChunkRowSurrogate ConvertToSurrogate(in ChunkRow value) => new()
    {
        Chunk = value.Chunk,
        State = value.State,
        Kind = value.Kind,
        Epoch = value.Epoch,
        SealedLength = value.SealedLength,
        Wanted = value.Wanted,
        Primary = value.Primary,
        PrimaryIncarnation = value.PrimaryIncarnation,
        Replicas = Copies.Array(value.Replicas),
    };
}
