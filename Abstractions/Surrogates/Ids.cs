using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.chunk-id")]
internal struct ChunkIdSurrogate
{
    [Id(0)] public long Value;
}

[RegisterConverter]
internal sealed class ChunkIdConverter : IConverter<ChunkId, ChunkIdSurrogate>
{
    public ChunkId ConvertFromSurrogate(in ChunkIdSurrogate surrogate) => new(surrogate.Value);

    public ChunkIdSurrogate ConvertToSurrogate(in ChunkId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("dfs.node-id")]
internal struct NodeIdSurrogate
{
    [Id(0)] public Guid Value;
}

[RegisterConverter]
internal sealed class NodeIdConverter : IConverter<NodeId, NodeIdSurrogate>
{
    public NodeId ConvertFromSurrogate(in NodeIdSurrogate surrogate) => new(surrogate.Value);

    public NodeIdSurrogate ConvertToSurrogate(in NodeId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("dfs.blob-id")]
internal struct BlobIdSurrogate
{
    [Id(0)] public Guid Value;
}

[RegisterConverter]
internal sealed class BlobIdConverter : IConverter<BlobId, BlobIdSurrogate>
{
    public BlobId ConvertFromSurrogate(in BlobIdSurrogate surrogate) => new(surrogate.Value);

    public BlobIdSurrogate ConvertToSurrogate(in BlobId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("dfs.attempt-id")]
internal struct AttemptIdSurrogate
{
    [Id(0)] public Guid Value;
}

[RegisterConverter]
internal sealed class AttemptIdConverter : IConverter<AttemptId, AttemptIdSurrogate>
{
    public AttemptId ConvertFromSurrogate(in AttemptIdSurrogate surrogate) => new(surrogate.Value);

    public AttemptIdSurrogate ConvertToSurrogate(in AttemptId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("dfs.upload-id")]
internal struct UploadIdSurrogate
{
    [Id(0)] public Guid Value;
}

[RegisterConverter]
internal sealed class UploadIdConverter : IConverter<UploadId, UploadIdSurrogate>
{
    public UploadId ConvertFromSurrogate(in UploadIdSurrogate surrogate) => new(surrogate.Value);

    public UploadIdSurrogate ConvertToSurrogate(in UploadId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("dfs.version-id")]
internal struct VersionIdSurrogate
{
    [Id(0)] public long Value;
}

[RegisterConverter]
internal sealed class VersionIdConverter : IConverter<VersionId, VersionIdSurrogate>
{
    public VersionId ConvertFromSurrogate(in VersionIdSurrogate surrogate) => new(surrogate.Value);

    public VersionIdSurrogate ConvertToSurrogate(in VersionId value) => new() { Value = value.Value };
}
