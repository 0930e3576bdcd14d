using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Replication;

/// <summary>
/// A request on its way and its answer. Invariant: the caller's memory (the record that is sent, the memory that a read's answer goes to) is the
/// connection's until the call has ended, so a cancelled call ends at once only while neither half of it touches that memory; else when that half is
/// through, which the connection's
/// stall guard bounds.
/// </summary>
internal abstract class PendingCall : OutgoingFrame
{
    private readonly Lock _gate = new();
    private bool _sending;
    private bool _sent;
    private bool _receiving;
    private bool _cancelled;
    private bool _ended;
    private bool _answered;

    public required Opcode Opcode { get; init; }

    public required ulong RequestId { get; init; }

    /// <summary>Where the bytes of a read's answer go; empty for others.</summary>
    public Memory<byte> Destination { get; init; }

    /// <summary>Called once when the call has ended, so that its connection forgets it.</summary>
    public Action<PendingCall>? Forget { get; set; }

    public override bool TryBeginSend()
    {
        lock (_gate)
        {
            if (_ended) return false;
            return _sending = true;
        }
    }

    public override void Sent()
    {
        lock (_gate)
        {
            _sent = true;
            if (_ended || !(_answered || _cancelled)) return;
            _ended = true;
        }
        End();
    }

    /// <summary>False: nobody waits for this answer any more.</summary>
    public bool TryBeginReceive()
    {
        lock (_gate)
        {
            if (_ended || _cancelled || _answered) return false;
            return _receiving = true;
        }
    }

    /// <summary>The answer is in; read before, because the reader's buffer is used again.</summary>
    protected void Answered()
    {
        lock (_gate)
        {
            _receiving = false;
            _answered = true;
            if (_ended || !_sent) return;
            _ended = true;
        }
        End();
    }

    public void Cancel()
    {
        lock (_gate)
        {
            if (_ended || _answered || _cancelled) return;
            _cancelled = true;
            if ((_sending && !_sent) || _receiving) return;
            _ended = true;
        }
        End();
    }

    /// <summary>The connection is gone; neither half touches any memory of this call any more.</summary>
    public void Break(ChunkStatus status)
    {
        lock (_gate)
        {
            if (_ended) return;
            _ended = true;
        }
        if (!_answered) SetStatus(status);
        End();
    }

    /// <summary>Reads the fields of the answer and notes the result.</summary>
    /// <exception cref="WireException">They are malformed.</exception>
    public abstract void Answer(ChunkStatus status, ReadOnlySpan<byte> fields);

    protected abstract void SetStatus(ChunkStatus status);

    protected abstract void Complete(bool cancelled);

    private void End()
    {
        Forget?.Invoke(this);
        Complete(_cancelled && !_answered);
    }
}

/// <summary>Makes the result of an operation out of its status and the fields behind it.</summary>
internal delegate T ReadAnswer<out T>(ChunkStatus status, ReadOnlySpan<byte> fields);

internal sealed class PendingCall<T>(ReadAnswer<T> read) : PendingCall
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _cancellationToken;
    private CancellationTokenRegistration _registration;
    private T _value = default!;

    public Task<T> Result => _result.Task;

    public void CancelWith(CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        var registration = cancellationToken.UnsafeRegister(static state => ((PendingCall)state!).Cancel(), this);
        _registration = registration;
        // The call may have ended before the registration was there to be removed.
        if (_result.Task.IsCompleted) registration.Unregister();
    }

    public override void Answer(ChunkStatus status, ReadOnlySpan<byte> fields)
    {
        _value = read(status, fields);
        Answered();
    }

    protected override void SetStatus(ChunkStatus status) => _value = read(status, []);

    protected override void Complete(bool cancelled)
    {
        _registration.Unregister();
        if (cancelled) _result.TrySetCanceled(_cancellationToken);
        else _result.TrySetResult(_value);
    }
}
