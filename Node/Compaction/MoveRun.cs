using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Node;

/// <summary>What has arrived of one <see cref="RecordMover.MoveAsync"/>: the span of each extent in the new chunk, and the first failure.</summary>
internal sealed class MoveRun(ChunkId target, IReadOnlyList<ExtentToMove> extents)
{
    private readonly Lock _gate = new();
    private readonly (long Start, long End, long Bytes)[] _spans = new (long, long, long)[extents.Count];
    private readonly List<Task> _appends = [];
    private ChunkStatus _failure;

    public ChunkStatus Failure
    {
        get
        {
            lock (_gate) return _failure;
        }
    }

    public void Fail(ChunkStatus status)
    {
        lock (_gate)
        {
            if (_failure == ChunkStatus.Ok) _failure = status;
        }
    }

    public void Appended(RecordPlace record, AppendResult result)
    {
        lock (_gate)
        {
            if (result.Status != ChunkStatus.Ok)
            {
                if (_failure == ChunkStatus.Ok) _failure = result.Status;
                return;
            }
            ref var span = ref _spans[record.Extent];
            span = span.Bytes == 0
                ? (result.Start, result.End, result.End - result.Start)
                : (Math.Min(span.Start, result.Start), Math.Max(span.End, result.End), span.Bytes + result.End - result.Start);
        }
    }

    public void Add(Task appends)
    {
        _appends.RemoveAll(a => a.IsCompletedSuccessfully);
        _appends.Add(appends);
    }

    public Task EndedAsync() => Task.WhenAll(_appends);

    public MoveResult Result(IReadOnlyCollection<NodeId> bad)
    {
        lock (_gate)
        {
            if (_failure != ChunkStatus.Ok) return new MoveResult(_failure, [], 0, bad);
            for (var i = 0; i < _spans.Length; i++)
            {
                // All of it, and nothing between: an extent is found again by arithmetic alone.
                var size = extents[i].Extent.End - extents[i].Extent.Start;
                if (_spans[i].Bytes != size || _spans[i].End - _spans[i].Start != size)
                    throw new InvalidOperationException(
                        $"The records of {extents[i]} do not stand together at {_spans[i]} of chunk {target}: another writes there.");
            }
            var moved = _spans.Select((s, i) => new Extent(target, s.Start, s.End, extents[i].Extent.Length)).ToList();
            return new MoveResult(ChunkStatus.Ok, moved, _spans.Sum(s => s.Bytes), bad);
        }
    }
}
