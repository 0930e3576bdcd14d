using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// The state machine of aws-chunked: everything between the bytes of data. It keeps no data and computes no signature. As AWS does, it answers
/// IncompleteBody to broken framing, MalformedTrailerError to broken trailers (seen directly: versitygw#1666, #1626).
/// </summary>
internal sealed class AwsChunkedFraming(long length, bool signed, bool hasTrailer, int minimumChunk)
{
    /// <summary>Least size of every chunk but the last that holds data.</summary>
    public const int MinimumChunk = 8192;

    /// <summary>Longest line of framing: a chunk header or one trailer.</summary>
    private const int MaxLine = 1024;
    private const int MaxTrailers = 16;
    private const string SignatureExtension = "chunk-signature=";
    private const string TrailerSignatureName = "x-amz-trailer-signature";

    private readonly List<KeyValuePair<string, string>> _trailers = [];
    private readonly StringBuilder _trailerText = new();
    private State _state = State.ChunkHeader;
    private long _lengthLeft = length;
    private long _lastSize = long.MaxValue;
    private int _chunks;
    private string? _chunkSignature;
    private bool _chunkEnded;
    private string? _trailerSignature;
    private bool _sawTrailerSignature;

    private enum State
    {
        ChunkHeader,
        Data,
        DataEnd,
        Trailers,
        LastLine,
        End,
    }

    /// <summary>Bytes of the current chunk still to come.</summary>
    public long DataLeft { get; private set; }

    public bool IsAtEnd => _state == State.End;

    public IReadOnlyList<KeyValuePair<string, string>> Trailers => _trailers;

    /// <summary>What the trailer's signature is over.</summary>
    public byte[] TrailerBytes => Encoding.Latin1.GetBytes(_trailerText.ToString());

    public void ConsumeData(long count)
    {
        DataLeft -= count;
        _lengthLeft -= count;
    }

    /// <summary>The signature of a chunk that has just ended, once.</summary>
    public string? TakeChunkSignature()
    {
        if (!_chunkEnded) return null;
        _chunkEnded = false;
        return _chunkSignature;
    }

    /// <summary>The trailer's signature, once.</summary>
    public string? TakeTrailerSignature()
    {
        var signature = _trailerSignature;
        _trailerSignature = null;
        return signature;
    }

    /// <summary>Goes over one piece of framing at the front of <paramref name="rest"/>.</summary>
    /// <returns><c>false</c>: more bytes are needed.</returns>
    public bool Advance(ref ReadOnlySequence<byte> rest, bool completed)
    {
        switch (_state)
        {
            case State.ChunkHeader:
                if (!TryReadLine(ref rest, out var header)) return false;
                ReadChunkHeader(header);
                return true;
            case State.Data:
                _state = State.DataEnd;
                return true;
            case State.DataEnd:
                return EndData(ref rest);
            case State.Trailers:
                return ReadTrailer(ref rest, completed);
            default:
                return ReadLastLine(ref rest);
        }
    }

    private void ReadChunkHeader(string line)
    {
        var semicolon = line.IndexOf(';');
        var size = semicolon < 0 ? line : line[..semicolon];
        if (size.Length is 0 or > 16 || !long.TryParse(size, NumberStyles.AllowHexSpecifier, null, out var bytes) || bytes < 0)
            throw Malformed("a chunk has no valid size");
        var extension = semicolon < 0 ? "" : line[(semicolon + 1)..];
        _chunkSignature = extension.StartsWith(SignatureExtension, StringComparison.Ordinal) ? extension[SignatureExtension.Length..] : null;
        if (signed && _chunkSignature is null) throw Malformed("a chunk has no signature");
        if (bytes > _lengthLeft)
            throw new S3Exception(ErrorCode.IncompleteBody, "The request body is longer than x-amz-decoded-content-length.");
        _chunks++;
        if (bytes > 0)
        {
            if (_lastSize < minimumChunk)
                throw new S3Exception(ErrorCode.InvalidChunkSizeError, null, ("Chunk", $"{_chunks}"), ("BadChunkSize", $"{_lastSize}"));
            _lastSize = DataLeft = bytes;
            _state = State.Data;
            return;
        }
        if (_lengthLeft != 0) throw new S3Exception(ErrorCode.IncompleteBody, "The request body is shorter than x-amz-decoded-content-length.");
        _chunkEnded = true;
        _state = hasTrailer ? State.Trailers : State.LastLine;
    }

    private bool EndData(ref ReadOnlySequence<byte> rest)
    {
        if (rest.Length < 2) return false;
        Span<byte> end = stackalloc byte[2];
        rest.Slice(0, 2).CopyTo(end);
        if (!end.SequenceEqual("\r\n"u8)) throw Malformed("a chunk is not as long as it says");
        rest = rest.Slice(2);
        _chunkEnded = true;
        _state = State.ChunkHeader;
        return true;
    }

    private bool ReadTrailer(ref ReadOnlySequence<byte> rest, bool completed)
    {
        if (!TryReadLine(ref rest, out var line)) return false;
        if (line.Length == 0)
        {
            // AWS's own example has an empty line before the signature: only behind the signature does it end a signed trailer.
            if (signed && !_sawTrailerSignature)
                return completed && rest.IsEmpty ? throw new S3Exception(ErrorCode.MalformedTrailerError, "The trailer has no signature.") : true;
            _state = State.End;
            return true;
        }
        var colon = line.IndexOf(':');
        if (colon <= 0) throw new S3Exception(ErrorCode.MalformedTrailerError);
        var name = line[..colon].Trim().ToLowerInvariant();
        var value = line[(colon + 1)..].Trim();
        if (name == TrailerSignatureName)
        {
            if (_sawTrailerSignature) throw new S3Exception(ErrorCode.MalformedTrailerError);
            _trailerSignature = value;
            _sawTrailerSignature = true;
            return true;
        }
        if (_sawTrailerSignature || _trailers.Count == MaxTrailers || _trailers.Exists(t => t.Key == name))
            throw new S3Exception(ErrorCode.MalformedTrailerError);
        _trailers.Add(new(name, value));
        _trailerText.Append(name).Append(':').Append(value).Append('\n');
        return true;
    }

    private bool ReadLastLine(ref ReadOnlySequence<byte> rest)
    {
        if (!TryReadLine(ref rest, out var line)) return false;
        if (line.Length != 0) throw Malformed("something follows the last chunk");
        _state = State.End;
        return true;
    }

    /// <summary>A line up to LF, without LF and a CR before it, one character a byte.</summary>
    private static bool TryReadLine(ref ReadOnlySequence<byte> rest, out string line)
    {
        line = "";
        if (rest.PositionOf((byte)'\n') is not { } end)
            return rest.Length > MaxLine ? throw Malformed("a line of framing is too long") : false;
        var bytes = rest.Slice(0, end);
        if (bytes.Length > MaxLine) throw Malformed("a line of framing is too long");
        line = Encoding.Latin1.GetString(bytes);
        if (line.EndsWith('\r')) line = line[..^1];
        rest = rest.Slice(rest.GetPosition(1, end));
        return true;
    }

    private static S3Exception Malformed(string what) =>
        new(ErrorCode.IncompleteBody, $"The request body terminated unexpectedly: {what}.");
}
