using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;

namespace OrleansDfs.Simulation.Tests;

/// <summary>
/// The way from one process to a storage node, as TCP is: in order, or broken. A message may be late, lost, or its answer be; a process that was
/// killed sends nothing and is answered nothing.
/// </summary>
sealed class Link(SimulatedCluster cluster, SimulatedProcess from, SimulatedNode to, NodeAddress address) : IChunkPeer
{
    public NodeAddress Address => address;

    public ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken) =>
        CallAsync($"create {request.File}", n => n.CreateAsync(request, cancellationToken), s => s, cancellationToken);

    public ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        CallAsync($"append {request.File}", n => n.AppendAsync(request, record, cancellationToken), AppendResult.Failed, cancellationToken);

    public ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        CallAsync(
            $"replicate {request.File} at {request.Offset}", n => n.ReplicateAsync(request, record, cancellationToken), s => s, cancellationToken);

    public ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        CallAsync($"close {file}", n => n.CloseAsync(file, cancellationToken), s => new CloseResult(s, 0), cancellationToken);

    public ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        CallAsync($"read {file} at {offset}", n => n.ReadAsync(file, offset, destination, cancellationToken), s => s, cancellationToken);

    public ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        CallAsync($"truncate {file}", n => n.TruncateAsync(file, length, cancellationToken), s => s, cancellationToken);

    public ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        CallAsync($"delete {file}", n => n.DeleteAsync(file, cancellationToken), s => s, cancellationToken);

    public ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken) =>
        CallAsync($"copy {request.File}", n => n.CopyAsync(request, cancellationToken), s => new CopyResult(s, 0, []), cancellationToken);

    public ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        CallAsync($"verify {file}", n => n.VerifyAsync(file, length, cancellationToken), s => new VerifyResult(s, 0), cancellationToken);

    public ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken) =>
        CallAsync("inventory", n => n.InventoryAsync(after, cancellationToken), s => new InventoryPage(s, [], false), cancellationToken);

    public ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken) =>
        CallAsync("status", n => n.StatusAsync(cancellationToken), s => new NodeStatus(s, 0, 0, 0, true, false, 0, 0), cancellationToken);

    private ValueTask<T> CallAsync<T>(string what, Func<StorageNode, ValueTask<T>> call, Func<ChunkStatus, T> failed, CancellationToken cancellation)
    {
        // A killed process is not told anything any more; its tasks end as those of a broken connection do.
        if (from.IsDead) return new(failed(ChunkStatus.Unreachable));
        var fate = cluster.Ask($"{from.Name} -> {to.Name}: {what}", StepKind.Message);
        if (fate is Fate.Fails || from.IsDead) return new(failed(ChunkStatus.Unreachable));
        return new(DeliverAsync(fate, call, failed, cancellation));
    }

    private async Task<T> DeliverAsync<T>(
        Fate fate, Func<StorageNode, ValueTask<T>> call, Func<ChunkStatus, T> failed, CancellationToken cancellation)
    {
        var reached = default(StorageNode);
        var work = default(ValueTask<T>);
        var arrived = cluster.Network.Arrival(from.Name, to.Name);
        if (arrived is null) Arrive();
        else await arrived(Arrive).WaitAsync(cancellation);
        if (reached is null) return failed(ChunkStatus.Unreachable);
        var answer = await work;
        if (cluster.Network.Arrival(to.Name, from.Name) is { } back) await back(() => { }).WaitAsync(cancellation);
        // The connection broke with the process at its end.
        return fate == Fate.FailsAfter || to.Node != reached || from.IsDead || cluster.Network.IsCut(to.Name, from.Name)
            ? failed(ChunkStatus.Unreachable) : answer;

        // The order of messages is fixed here: the node takes them in the order of these calls.
        void Arrive()
        {
            // What a caller has given up may not be touched any more: its memory is its own again.
            if (cancellation.IsCancellationRequested || to.Node is not { } node || cluster.Network.IsCut(from.Name, to.Name) || from.IsDead) return;
            reached = node;
            work = call(node);
        }
    }
}

/// <summary>Who is late and who is cut off. Without a seed every message arrives at once.</summary>
sealed class SimulatedNetwork(World world, Random? random)
{
    private readonly Dictionary<(string From, string To), TimeSpan> _last = [];
    private readonly HashSet<(string From, string To)> _cut = [];

    /// <summary>One way only: answers to what goes the other way get lost.</summary>
    public void Cut(string from, string to) => _cut.Add((from, to));

    public void HealAll() => _cut.Clear();

    public bool IsCut(string from, string to) => _cut.Contains((from, to));

    /// <summary>How the next message of this direction arrives; <c>null</c>: at once.</summary>
    public Func<Action, Task>? Arrival(string from, string to)
    {
        if (random is null) return null;
        var delay = TimeSpan.FromMicroseconds(random.Next(20) == 0 ? random.Next(2_000, 400_000) : random.Next(50, 800));
        var at = world.Time.Now + delay;
        if (_last.TryGetValue((from, to), out var last) && last > at) at = last; // no message overtakes another
        _last[(from, to)] = at;
        return arrive =>
        {
            var done = new TaskCompletionSource();
            ITimer? timer = null;
            timer = world.Time.CreateTimer(
                _ =>
                {
                    timer!.Dispose();
                    arrive();
                    done.SetResult();
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            timer.Change(at - world.Time.Now, Timeout.InfiniteTimeSpan);
            return done.Task;
        };
    }
}
