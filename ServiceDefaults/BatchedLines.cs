using System.Buffers;
using System.Text;

namespace OrleansDfs.ServiceDefaults;

/// <summary>A log message of a kind that comes with every request: it goes to the console by <see cref="BatchedLines"/>.</summary>
public interface IBatchedLine : IUtf8SpanFormattable;

/// <summary>
/// Lines that come by the thousand in a second, such as one for each request: collected in UTF-8 and written to the output together, one system call
/// for all of <see cref="Delay"/> instead of one for each.
/// </summary>
/// <remarks>
/// Invariants: a caller never waits for the output, which may be a pipe that nobody reads; what finds no room in <see cref="Capacity"/> bytes is
/// lost, and the next batch begins with how many were. Lines keep their order among themselves. What is held is written when the process ends in any
/// way that it notices: also by an unhandled exception, not by kill -9.
/// </remarks>
public sealed class BatchedLines : IDisposable
{
    /// <summary>Bytes held at most while the batch before is being written.</summary>
    public const int Capacity = 1024 * 1024;

    /// <summary>How long a line waits for others.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);

    static readonly SearchValues<byte> _lineEnds = SearchValues.Create("\r\n"u8);

    readonly Stream _output;
    readonly Thread _writer;
    readonly object _gate = new(); // held for moments only: to append, and to take a batch
    readonly Lock _order = new(); // held while a batch is written, so that the next one comes after it
    byte[] _filling = GC.AllocateUninitializedArray<byte>(64 * 1024);
    byte[] _spare = [];
    int _filled;
    long _lost;
    bool _closed;

    /// <param name="output">Written to by a thread of its own; its writes may block. Not disposed.</param>
    public BatchedLines(Stream output)
    {
        _output = output;
        _writer = new Thread(WriteBatches) { IsBackground = true, Name = "lines" };
        _writer.Start();
        AppDomain.CurrentDomain.ProcessExit += OnEnd;
        AppDomain.CurrentDomain.UnhandledException += OnEnd;
    }

    /// <summary>Adds a line; line ends within it become spaces, so that what a client sends cannot make a line of its own.</summary>
    /// <param name="line">Must write its whole text in one go, or say that there is no room.</param>
    public void Add(ReadOnlySpan<byte> prefix, IBatchedLine line)
    {
        lock (_gate)
        {
            if (_closed) return;
            var start = _filled;
            while (!TryAppend(prefix, line))
            {
                _filled = start;
                if (TryGrow()) continue;
                _lost++;
                return;
            }
            // One wakes the writer, which then waits for more; a batch that is half full waits no longer.
            if (start == 0 || (start < Capacity / 2 && _filled >= Capacity / 2)) Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what is held now and waits until it is written.</summary>
    public void Flush()
    {
        lock (_order)
        {
            ReadOnlyMemory<byte> batch;
            lock (_gate) batch = Take();
            Write(batch.Span);
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnEnd;
        AppDomain.CurrentDomain.UnhandledException -= OnEnd;
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
        _writer.Join(TimeSpan.FromSeconds(5)); // an output that nobody reads must not keep the process
    }

    void OnEnd(object? sender, EventArgs e) => Flush();

    void WriteBatches()
    {
        var closed = false;
        while (!closed)
        {
            lock (_gate)
            {
                while (_filled == 0 && !_closed) Monitor.Wait(_gate);
                if (_filled < Capacity / 2 && !_closed) Monitor.Wait(_gate, Delay);
                closed = _closed;
            }
            Flush();
        }
    }

    bool TryAppend(ReadOnlySpan<byte> prefix, IBatchedLine line)
    {
        var room = _filling.AsSpan(_filled);
        if (!prefix.TryCopyTo(room) || !line.TryFormat(room[prefix.Length..], out var written, default, null)) return false;
        if (room.Length == prefix.Length + written) return false;
        room.Slice(prefix.Length, written).ReplaceAny(_lineEnds, (byte)' ');
        room[prefix.Length + written] = (byte)'\n';
        _filled += prefix.Length + written + 1;
        return true;
    }

    bool TryGrow()
    {
        if (_filling.Length >= Capacity) return false;
        Array.Resize(ref _filling, Math.Min(Capacity, _filling.Length * 2));
        return true;
    }

    /// <summary>Under both locks: the buffer that is given out was written before it is filled again.</summary>
    ReadOnlyMemory<byte> Take()
    {
        if (_lost > 0)
        {
            var told = Encoding.UTF8.GetBytes($"{_lost} lines were lost, for the output was not read.\n");
            _lost = 0;
            var batch = new byte[told.Length + _filled];
            told.CopyTo(batch, 0);
            _filling.AsSpan(0, _filled).CopyTo(batch.AsSpan(told.Length));
            _filled = 0;
            return batch;
        }
        var taken = _filling.AsMemory(0, _filled);
        (_filling, _spare) = (_spare.Length == 0 ? GC.AllocateUninitializedArray<byte>(64 * 1024) : _spare, _filling);
        _filled = 0;
        return taken;
    }

    void Write(ReadOnlySpan<byte> batch)
    {
        if (batch.IsEmpty) return;
        try
        {
            _output.Write(batch);
        }
        catch (IOException)
        {
            // Whoever read the output is gone, and there is nowhere to say so.
        }
    }
}
