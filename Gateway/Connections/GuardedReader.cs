using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace OrleansDfs.Gateway.Connections;

/// <summary>
/// The transport's reader as Kestrel sees it: a head is shown only when it is whole and sound, and never more than the message it belongs to.
/// No byte is copied; a body costs one addition per read.
/// </summary>
/// <param name="inner">What the socket delivers.</param>
/// <param name="refuse">Answers a bad head on the wire. Kestrel reads a head only when the answers before it are written, so the order holds with
/// pipelining too.</param>
sealed class GuardedReader(PipeReader inner, Func<HeadVerdict, ValueTask> refuse) : PipeReader
{
    readonly RequestFraming _framing = new();
    ReadOnlySequence<byte> _shown;
    bool _broken;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var reading = inner.ReadAsync(cancellationToken);
            if (!reading.IsCompletedSuccessfully) return WaitAsync(reading, cancellationToken);
            var result = reading.Result;
            var (shown, refusal) = Look(result);
            if (shown is { } ready) return new ValueTask<ReadResult>(ready);
            if (refusal is { } verdict) return RefuseAsync(result, verdict);
            inner.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reading;
            var (shown, refusal) = Look(result);
            if (shown is { } ready) return ready;
            if (refusal is { } verdict) return await RefuseAsync(result, verdict);
            inner.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            reading = inner.ReadAsync(cancellationToken);
        }
    }

    async ValueTask<ReadResult> RefuseAsync(ReadResult result, HeadVerdict verdict)
    {
        await refuse(verdict);
        _broken = true;
        return End(result);
    }

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        // A refusal takes a write, so heads are judged in ReadAsync only.
        if (_framing.AtHead || !inner.TryRead(out var read)) return false;
        var (shown, _) = Look(read);
        result = shown!.Value;
        return true;
    }

    /// <summary>Neither: wait for more.</summary>
    (ReadResult? Shown, HeadVerdict? Refusal) Look(ReadResult result)
    {
        if (_broken) return (End(result), null);
        var buffer = result.Buffer;
        if (_framing.AtHead && !buffer.IsEmpty)
        {
            var verdict = _framing.Judge(buffer);
            if (verdict == HeadVerdict.Incomplete && !result.IsCompleted && !result.IsCanceled) return (null, null);
            // Cut short by the end of the connection or by Kestrel's own timeout: Kestrel may see it as it is, no request can come of it.
            if (verdict == HeadVerdict.Incomplete) return (Show(result, buffer, whole: true), null);
            if (verdict != HeadVerdict.Sound) return (null, verdict);
        }
        var exposable = _framing.Exposable;
        return buffer.Length > exposable && !_framing.AtHead
            ? (Show(result, buffer.Slice(0, exposable), whole: false), null)
            : (Show(result, buffer, whole: true), null);
    }

    ReadResult Show(ReadResult result, ReadOnlySequence<byte> shown, bool whole)
    {
        _shown = shown;
        return new ReadResult(shown, result.IsCanceled, whole && result.IsCompleted);
    }

    ReadResult End(ReadResult result)
    {
        _shown = result.Buffer.Slice(result.Buffer.End);
        return new ReadResult(_shown, isCanceled: false, isCompleted: true);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_broken && !_shown.IsEmpty) _broken = !_framing.Consume(_shown.Slice(_shown.Start, consumed));
        _shown = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
}
