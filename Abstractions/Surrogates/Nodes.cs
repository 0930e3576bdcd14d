using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.storage-node-info")]
internal struct StorageNodeInfoSurrogate
{
    [Id(0)] public NodeId Node;
    [Id(1)] public long Incarnation;
    [Id(2)] public string SiloName;
    [Id(3)] public string Host;
    [Id(4)] public int Port;
    [Id(5)] public string Domain;
    [Id(6)] public NodeState State;
    [Id(7)] public bool ReadOnly;
    [Id(8)] public bool FsyncFailed;
    [Id(9)] public long TotalBytes;
    [Id(10)] public long FreeBytes;
    [Id(11)] public DateTimeOffset LastHeartbeat;
    [Id(12)] public bool Alive;
}

[RegisterConverter]
internal sealed class StorageNodeInfoConverter : IConverter<StorageNodeInfo, StorageNodeInfoSurrogate>
{
    public StorageNodeInfo ConvertFromSurrogate(in StorageNodeInfoSurrogate surrogate) => new(
        surrogate.Node,
        surrogate.Incarnation,
        surrogate.SiloName,
        surrogate.Host,
        surrogate.Port,
        surrogate.Domain,
        surrogate.State,
        surrogate.ReadOnly,
        surrogate.FsyncFailed,
        surrogate.TotalBytes,
        surrogate.FreeBytes,
        surrogate.LastHeartbeat,
        surrogate.Alive);

    public StorageNodeInfoSurrogate ConvertToSurrogate(in StorageNodeInfo value) => new()
    {
        Node = value.Node,
        Incarnation = value.Incarnation,
        SiloName = value.SiloName,
        Host = value.Host,
        Port = value.Port,
        Domain = value.Domain,
        State = value.State,
        ReadOnly = value.ReadOnly,
        FsyncFailed = value.FsyncFailed,
        TotalBytes = value.TotalBytes,
        FreeBytes = value.FreeBytes,
        LastHeartbeat = value.LastHeartbeat,
        Alive = value.Alive,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.node-table")]
internal struct NodeTableSurrogate
{
    [Id(0)] public long Revision;
    [Id(1)] public StorageNodeInfo[] Nodes;
}

[RegisterConverter]
internal sealed class NodeTableConverter : IConverter<NodeTable, NodeTableSurrogate>
{
    public NodeTable ConvertFromSurrogate(in NodeTableSurrogate surrogate) => new(
        surrogate.Revision,
        surrogate.Nodes);

    public NodeTableSurrogate ConvertToSurrogate(in NodeTable value) => new()
    {
        Revision = value.Revision,
        Nodes = Copies.Array(value.Nodes),
    };
}
