namespace OrleansDfs.Model;

/// <summary>Administrative state of a storage node. Values are stored. Whether it is alive is Orleans membership's word, not this.</summary>
public enum NodeState
{
    Registered = 0,
    Draining = 1,
    Decommissioned = 2,
}

/// <summary>A storage node as the catalog has it.</summary>
/// <param name="Incarnation">Rises with each start (PROTOCOL P1).</param>
/// <param name="SiloName">Name of the silo that hosts it; stable over restarts.</param>
/// <param name="Host">Advertised host of its chunk endpoint.</param>
/// <param name="Domain">Failure domain: replicas of a chunk never share one while enough exist.</param>
/// <param name="ReadOnly">It takes no appends (I/O error, full disk).</param>
/// <param name="FsyncFailed">PROTOCOL P9: its answers to a seal count as damaged until an operator lifts this.</param>
/// <param name="Alive">Its last heartbeat is recent by the database's clock.</param>
public sealed record StorageNodeInfo(
    NodeId Node,
    long Incarnation,
    string SiloName,
    string Host,
    int Port,
    string Domain,
    NodeState State,
    bool ReadOnly,
    bool FsyncFailed,
    long TotalBytes,
    long FreeBytes,
    DateTimeOffset LastHeartbeat,
    bool Alive);

/// <summary>
/// The node table with the revision that clients compare (DESIGN §9): it rises when a node's address, incarnation or state changes.
/// </summary>
public sealed record NodeTable(long Revision, IReadOnlyList<StorageNodeInfo> Nodes);
