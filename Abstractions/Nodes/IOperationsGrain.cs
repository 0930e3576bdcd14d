using Orleans.Concurrency;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>
/// What an operator does with storage nodes: empty one, take it out for good, level all (docs/operations.md). Any silo answers; what is asked for
/// becomes rows of the
/// catalog and is carried out by the supervisor, so nothing here takes long and nothing is lost with a silo.
/// </summary>
[Alias("dfs.IOperationsGrain")]
public interface IOperationsGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Empties a node: its replicas are made anew elsewhere, then leave. With <paramref name="dryRun"/> only says what would move. Asked again it
    /// goes on.
    /// </summary>
    [Alias("Drain"), ResponseTimeout("00:01:00")]
    Task<NodeOperation> Drain(NodeId node, bool dryRun);

    /// <summary>Stops a drain or takes a decommissioned node back; what has moved stays where it is.</summary>
    [Alias("Stay"), ResponseTimeout("00:00:05")]
    Task<NodeOperation> Stay(NodeId node);

    /// <summary>
    /// Takes a node out for good. An empty drained node goes at once. <paramref name="isLost"/> is the operator's word that a dead node's disk will
    /// not come back: its replicas
    /// are made anew from the others; refused while the node is alive or holds the only copy of anything.
    /// </summary>
    [Alias("Decommission"), ResponseTimeout("00:01:00")]
    Task<NodeOperation> Decommission(NodeId node, bool isLost, bool dryRun);

    /// <summary>The operator's word that the disk of a node whose fsync failed is sound: its answers to a seal count again (PROTOCOL P9).</summary>
    [Alias("Trust"), ResponseTimeout("00:00:05")]
    Task<NodeOperation> Trust(NodeId node);

    /// <summary>Moves replicas from fuller nodes to emptier ones until each holds its fair share.</summary>
    [Alias("Rebalance"), ResponseTimeout("00:01:00")]
    Task<RebalanceStatus> Rebalance(bool dryRun);

    /// <summary>What has moved stays where it is.</summary>
    [Alias("StopRebalance"), ResponseTimeout("00:00:05")]
    Task<RebalanceStatus> StopRebalance();

    /// <summary>How far each leaving node is, from catalog queries.</summary>
    [Alias("Progress"), ResponseTimeout("00:01:00")]
    Task<NodeProgress[]> Progress();

    [Alias("RebalanceProgress"), ResponseTimeout("00:01:00")]
    Task<RebalanceStatus> RebalanceProgress();

    /// <summary>Every node reads all its sealed replicas again, beginning now.</summary>
    [Alias("StartScrub"), ResponseTimeout("00:00:05")]
    Task StartScrub();

    /// <summary>How far the scrub of each node is, from a catalog query.</summary>
    [Alias("ScrubProgress"), ResponseTimeout("00:01:00")]
    Task<NodeScrub[]> ScrubProgress();
}

/// <param name="Replicas">Live replicas of sealed chunks.</param>
/// <param name="Due">Those that have to be read again now.</param>
/// <param name="DueBytes">Their physical length.</param>
/// <param name="Oldest">When the one that has waited longest was last found right in all its pages; <c>null</c>: not known.</param>
[GenerateSerializer, Immutable, Alias("dfs.NodeScrub")]
public sealed record NodeScrub(
    [property: Id(0)] NodeId Node,
    [property: Id(1)] string SiloName,
    [property: Id(2)] long Replicas,
    [property: Id(3)] long Due,
    [property: Id(4)] long DueBytes,
    [property: Id(5)] DateTimeOffset? Oldest);

/// <param name="Status"><see cref="DfsStatus.Ok"/>, <see cref="DfsStatus.NotFound"/>, or <see cref="DfsStatus.Conflict"/> with the reason in
/// words.</param>
[GenerateSerializer, Immutable, Alias("dfs.NodeOperation")]
public sealed record NodeOperation(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] string Explanation,
    [property: Id(2)] NodeProgress? Progress);

/// <param name="Replicas">Replica rows left on the node, by a catalog query: 0 is the end.</param>
/// <param name="Bytes">Physical bytes left.</param>
/// <param name="ReplicasThen">Rows when it began to leave.</param>
/// <param name="NoTarget">Chunks that no other node can take, looked up for a dry run only: with these the drain does not end.</param>
/// <param name="OnlyCopies">Chunks with no other live replica, looked up for a dry run and before a loss is accepted.</param>
[GenerateSerializer, Immutable, Alias("dfs.NodeProgress")]
public sealed record NodeProgress(
    [property: Id(0)] NodeId Node,
    [property: Id(1)] string SiloName,
    [property: Id(2)] NodeState State,
    [property: Id(3)] bool Alive,
    [property: Id(4)] long Replicas,
    [property: Id(5)] long Bytes,
    [property: Id(6)] long ReplicasThen,
    [property: Id(7)] long BytesThen,
    [property: Id(8)] DateTimeOffset? Since,
    [property: Id(9)] TimeSpan? TimeLeft,
    [property: Id(10)] long NoTarget,
    [property: Id(11)] long OnlyCopies);

/// <param name="IsRunning">One is under way.</param>
/// <param name="Planned">Bytes that had to move when it began, or would have to now.</param>
/// <param name="Left">Bytes over the fair shares now.</param>
[GenerateSerializer, Immutable, Alias("dfs.RebalanceStatus")]
public sealed record RebalanceStatus(
    [property: Id(0)] bool IsRunning,
    [property: Id(1)] long Planned,
    [property: Id(2)] long Moved,
    [property: Id(3)] long Left,
    [property: Id(4)] DateTimeOffset? Since,
    [property: Id(5)] TimeSpan? TimeLeft,
    [property: Id(6)] FairShare[] Shares);

/// <summary>What a node holds and what its fair share of all bytes is.</summary>
[GenerateSerializer, Immutable, Alias("dfs.FairShare")]
public sealed record FairShare([property: Id(0)] NodeId Node, [property: Id(1)] string SiloName, [property: Id(2)] long Bytes,
    [property: Id(3)] long Fair);
