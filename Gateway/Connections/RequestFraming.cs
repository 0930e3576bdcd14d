using System.Buffers;
using System.Buffers.Text;

namespace OrleansDfs.Gateway.Connections;

/// <summary>
/// Follows the framing of one HTTP/1.1 connection byte by byte, so that every request head can be judged as it was sent (S3.md §5): Kestrel's parser
/// takes Content-Length beside Transfer-Encoding, <c>Content-Length: +5</c> and bare line feeds, and leaves no trace of the last two.
/// </summary>
/// <remarks>
/// Invariant: what is exposed to Kestrel never reaches past a head and body of known length that was judged. In a chunked body the framing is
/// followed
/// as Kestrel consumes it; where the two disagree, the connection ends.
/// </remarks>
sealed class RequestFraming
{
    /// <summary>Longest head that is looked at; above the limits that Kestrel is given, so that it is the one to refuse longer ones.</summary>
    public const int MaxHead = 128 * 1024;

    /// <summary>First byte of a TLS connection (RFC 8446 §5.1); no method begins with it.</summary>
    const byte TlsHandshake = 0x16;

    enum State
    {
        Head,
        Body,
        ChunkSize,
        ChunkData,
        Trailer,
    }

    State _state;
    bool _chunked;

    /// <summary>Bytes of head and fixed body, or of the chunk, that are still to be consumed.</summary>
    long _remaining;

    /// <summary>The next unconsumed byte begins a head that nobody has judged yet.</summary>
    public bool AtHead => _state == State.Head && _remaining == 0;

    /// <summary>How much of what lies in front may be shown to Kestrel.</summary>
    public long Exposable => _state is State.Head or State.Body ? _remaining : long.MaxValue;

    /// <summary>Judges a head and, if it is sound, takes its framing. Call only <see cref="AtHead"/>.</summary>
    public HeadVerdict Judge(ReadOnlySequence<byte> buffer)
    {
        if (buffer.FirstSpan[0] == TlsHandshake)
        {
            _remaining = long.MaxValue; // the heads are inside, where this guard looks once more; without TLS behind it, Kestrel refuses this byte
            return HeadVerdict.Sound;
        }
        var skipped = SkipEmptyLines(buffer);
        var reader = new SequenceReader<byte>(buffer.Slice(skipped));
        long? length = null;
        var chunked = false;
        for (var first = true; reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'); first = false)
        {
            var text = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
            if (text.Length == 0 || text[^1] != (byte)'\r') return HeadVerdict.BareLineFeed;
            text = text[..^1];
            if (text.Length == 0 && !first)
            {
                if (length is not null && chunked) return HeadVerdict.TwoLengths;
                Take(skipped + reader.Consumed, length ?? 0, chunked);
                return HeadVerdict.Sound;
            }
            if (first) continue;
            if (IsHeader(text, "content-length"u8, out var value))
            {
                if (!IsPlainNumber(value, out var number)) return HeadVerdict.BadLength;
                if (length is not null && length != number) return HeadVerdict.TwoLengths;
                length = number;
            }
            else if (IsHeader(text, "transfer-encoding"u8, out _)) chunked = true;
        }
        // Not whole yet. A head beyond every limit goes on to Kestrel as it is: it refuses it and closes.
        if (buffer.Length < MaxHead) return HeadVerdict.Incomplete;
        _remaining = long.MaxValue;
        return HeadVerdict.Sound;
    }

    /// <summary>Kestrel has consumed these bytes.</summary>
    /// <returns>False: the chunked framing is broken; nothing more may be read from this connection.</returns>
    public bool Consume(ReadOnlySequence<byte> consumed)
    {
        while (!consumed.IsEmpty)
        {
            switch (_state)
            {
                case State.Head or State.Body or State.ChunkData:
                    if (_remaining == 0) return false; // bytes of a head that was never judged
                    var step = Math.Min(_remaining, consumed.Length);
                    consumed = consumed.Slice(step);
                    _remaining -= step;
                    if (_remaining > 0) return true;
                    _state = _state == State.ChunkData || (_state == State.Body && _chunked) ? State.ChunkSize : State.Head;
                    break;
                default:
                    if (!ConsumeLine(ref consumed)) return false;
                    break;
            }
        }
        return true;
    }

    long _chunkSize;
    int _lineLength;
    bool _sizeEnded;

    /// <summary>Chunk size lines and trailer lines, up to and with their line feed; they may come in pieces.</summary>
    bool ConsumeLine(ref ReadOnlySequence<byte> consumed)
    {
        var reader = new SequenceReader<byte>(consumed);
        while (reader.TryRead(out var b))
        {
            if (b == (byte)'\n')
            {
                consumed = reader.UnreadSequence;
                return EndLine();
            }
            if (b == (byte)'\r') continue;
            if (++_lineLength > MaxHead) return false;
            if (_state != State.ChunkSize || _sizeEnded) continue;
            var digit = HexValue(b);
            if (digit < 0) _sizeEnded = true;
            else if (_chunkSize > long.MaxValue >> 8) return false;
            else _chunkSize = _chunkSize * 16 + digit;
        }
        consumed = default;
        return true;
    }

    bool EndLine()
    {
        var empty = _lineLength == 0;
        _lineLength = 0;
        _sizeEnded = false;
        if (_state == State.Trailer)
        {
            if (empty) _state = State.Head;
            return true;
        }
        if (empty) return false;
        _state = _chunkSize == 0 ? State.Trailer : State.ChunkData;
        _remaining = _chunkSize == 0 ? 0 : _chunkSize + 2; // with its CR LF
        _chunkSize = 0;
        return true;
    }

    void Take(long head, long body, bool chunked)
    {
        _chunked = chunked;
        _state = chunked ? State.Body : State.Head;
        _remaining = head + body;
    }

    static long SkipEmptyLines(ReadOnlySequence<byte> buffer)
    {
        // Kestrel allows empty lines before a request line, as RFC 9112 §2.2 advises.
        var reader = new SequenceReader<byte>(buffer);
        while (reader.IsNext("\r\n"u8, advancePast: true))
        {
        }
        return reader.Consumed;
    }

    static bool IsHeader(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length <= name.Length || line[name.Length] != (byte)':') return false;
        if (!System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name)) return false;
        value = line[(name.Length + 1)..].Trim(" \t"u8);
        return true;
    }

    static bool IsPlainNumber(ReadOnlySpan<byte> value, out long number)
    {
        number = 0;
        foreach (var b in value)
            if (!char.IsAsciiDigit((char)b)) return false;
        return Utf8Parser.TryParse(value, out number, out var used) && used == value.Length;
    }

    static int HexValue(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}

enum HeadVerdict
{
    Sound,
    Incomplete,
    BareLineFeed,
    BadLength,
    TwoLengths,
}
