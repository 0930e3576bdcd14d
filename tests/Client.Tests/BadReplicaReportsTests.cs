using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client.Tests;

/// <summary>What a node is told when a reader met wrong bytes on it: soon, and not again and again.</summary>
public class BadReplicaReportsTests
{
    private static readonly NodeId Node = NodeId.New();
    private readonly FakeTimeProvider _time = new();
    private readonly Examinations _told;
    private readonly BadReplicaReports _reports;

    public BadReplicaReportsTests()
    {
        var grain = DispatchProxy.Create<IStorageNodeGrain, Examinations>();
        _told = (Examinations)(object)grain;
        var factory = DispatchProxy.Create<IGrainFactory, Factory>();
        ((Factory)(object)factory).Grain = grain;
        _reports = new BadReplicaReports(factory, _time, NullLogger.Instance);
    }

    [Fact]
    public void A_replica_is_reported_once_a_minute_and_each_by_itself()
    {
        for (var i = 0; i < 3; i++) _reports.Report(Bad(1, ChunkStatus.Corrupt));
        _reports.Report(Bad(2, ChunkStatus.IoError));
        Assert.Equal([(new ChunkId(1), 7L), (new ChunkId(2), 7L)], _told.Of);

        _time.Advance(TimeSpan.FromSeconds(59));
        _reports.Report(Bad(1, ChunkStatus.Corrupt));
        Assert.Equal(2, _told.Of.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        _reports.Report(Bad(1, ChunkStatus.Corrupt));
        Assert.Equal(3, _told.Of.Count);
    }

    [Theory]
    [InlineData(ChunkStatus.NotServed)] // it is told by the catalog what to serve, and looks by itself
    [InlineData(ChunkStatus.Unreachable)]
    [InlineData(ChunkStatus.Deadline)]
    public void What_is_not_the_replicas_fault_is_not_reported(ChunkStatus status)
    {
        _reports.Report(Bad(1, status));
        Assert.Empty(_told.Of);
    }

    [Fact]
    public void A_report_that_does_not_arrive_harms_no_reader_and_is_made_again_later()
    {
        _told.Failure = new TimeoutException("the silo is gone");
        _reports.Report(Bad(1, ChunkStatus.Damaged));
        _told.Failure = null;
        _time.Advance(TimeSpan.FromMinutes(1));
        _reports.Report(Bad(1, ChunkStatus.Damaged));
        Assert.Equal(2, _told.Of.Count);
    }

    private static BadReplica Bad(long chunk, ChunkStatus status) => new(new ReplicaAt(Node, 7), new ChunkId(chunk), 64, status);

    public class Examinations : DispatchProxy
    {
        public List<(ChunkId Chunk, long Epoch)> Of { get; } = [];

        public Exception? Failure { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IStorageNodeGrain.Examine), targetMethod!.Name);
            Of.Add(((ChunkId)args![0]!, (long)args[1]!));
            return Failure is null ? Task.FromResult(true) : Task.FromException<bool>(Failure);
        }
    }

    public class Factory : DispatchProxy
    {
        public IStorageNodeGrain Grain { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grain;
    }
}
