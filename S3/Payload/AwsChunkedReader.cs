using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace OrleansDfs.S3;

/// <summary>
/// Takes the aws-chunked framing off a body: <c>hex-size[;chunk-signature=…]CRLF data CRLF … 0[;…]CRLF [trailers] CRLF</c>. Reads are slices of the
/// source's own buffers, never copies, each of one chunk at most.
/// </summary>
/// <remarks>
/// Invariants: the read that says <see cref="ReadResult.IsCompleted"/> comes only after every chunk signature and the trailer's matched, as many
/// bytes as announced were given, and the source ended right behind the framing. Data of a chunk is given before the chunk's signature was seen, so
/// nothing may be committed before that read. What a client declares never sizes a buffer: a chunk may be as large as the whole body.
/// </remarks>
internal sealed class AwsChunkedReader : PipeReader
{
    private readonly PipeReader _source;
    private readonly ChunkSigner? _signer;
    private readonly AwsChunkedFraming _framing;
    private readonly IncrementalHash? _hash;
    private ReadOnlySequence<byte> _shown;
    private bool _showing;
    private long _shownHashed;
    private S3Exception? _failure;

    /// <param name="length">x-amz-decoded-content-length.</param>
    /// <param name="minimumChunk">Least size of every chunk but the last.</param>
    public AwsChunkedReader(
        PipeReader source, long length, ChunkSigner? signer, bool hasTrailer, int minimumChunk = AwsChunkedFraming.MinimumChunk)
    {
        _source = source;
        _signer = signer;
        _framing = new AwsChunkedFraming(length, signer is not null, hasTrailer, minimumChunk);
        if (signer is not null) _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    /// <summary>The body was read to its end and everything about its framing holds.</summary>
    public bool IsVerified { get; private set; }

    /// <summary>Trailers, names in lower case, without the signature; complete when <see cref="IsVerified"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Trailers => _framing.Trailers;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_failure is not null) throw _failure;
            var read = await _source.ReadAsync(cancellationToken);
            if (Decode(read, out var decoded)) return decoded;
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        while (true)
        {
            if (_failure is not null) throw _failure;
            if (!_source.TryRead(out var read))
            {
                result = default;
                return false;
            }
            if (Decode(read, out result)) return true;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_showing) return; // the end was shown: there is nothing to give back
        _showing = false;
        var count = _shown.Slice(0, consumed).Length;
        if (count < _shown.Length && _shown.Length == _framing.DataLeft && _shown.Slice(examined).IsEmpty)
            throw new InvalidOperationException("A read never spans two chunks: consume all of it.");
        _framing.ConsumeData(count);
        _shownHashed -= count;
        _shown = default;
        _source.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _source.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _hash?.Dispose();
        _source.Complete(exception);
    }

    /// <returns>Whether there is something to show; else the source was advanced and must be read again.</returns>
    private bool Decode(ReadResult read, out ReadResult decoded)
    {
        var rest = read.Buffer;
        try
        {
            while (true)
            {
                if (_framing.DataLeft > 0 && !rest.IsEmpty) break;
                if (_framing.IsAtEnd) return End(read, rest, out decoded);
                if (!Step(ref rest, read.IsCompleted)) break;
            }
        }
        catch (S3Exception failure)
        {
            // The source must be left readable: the gateway drains or closes it.
            _failure = failure;
            _source.AdvanceTo(rest.Start);
            throw;
        }
        if (_framing.DataLeft > 0 && !rest.IsEmpty)
        {
            decoded = new ReadResult(Show(rest), read.IsCanceled, isCompleted: false);
            return true;
        }
        if (read.IsCanceled)
        {
            _shown = rest.Slice(0, 0);
            _showing = true;
            decoded = new ReadResult(_shown, isCanceled: true, isCompleted: false);
            return true;
        }
        _source.AdvanceTo(rest.Start, rest.End);
        decoded = default;
        return false;
    }

    private ReadOnlySequence<byte> Show(ReadOnlySequence<byte> rest)
    {
        _shown = rest.Slice(0, Math.Min(rest.Length, _framing.DataLeft));
        _showing = true;
        if (_hash is not null)
            foreach (var segment in _shown.Slice(_shownHashed)) _hash.AppendData(segment.Span);
        _shownHashed = _shown.Length;
        return _shown;
    }

    /// <summary>One step over framing.</summary>
    private bool Step(ref ReadOnlySequence<byte> rest, bool completed)
    {
        if (_framing.DataLeft > 0 || !_framing.Advance(ref rest, completed))
            return completed
                ? throw new S3Exception(ErrorCode.IncompleteBody, "The request body terminated unexpectedly")
                : false;
        if (_signer is null) return true;
        if (_framing.TakeChunkSignature() is { } chunkSignature) Compare(_signer.NextChunk(_hash!.GetHashAndReset()), chunkSignature);
        if (_framing.TakeTrailerSignature() is { } signature) Compare(_signer.Trailer(SHA256.HashData(_framing.TrailerBytes)), signature);
        return true;
    }

    private bool End(ReadResult read, ReadOnlySequence<byte> rest, out ReadResult decoded)
    {
        if (!rest.IsEmpty) throw new S3Exception(ErrorCode.IncompleteBody, "The request body goes on behind its last chunk.");
        _source.AdvanceTo(rest.End);
        decoded = new ReadResult(ReadOnlySequence<byte>.Empty, read.IsCanceled, isCompleted: read.IsCompleted);
        IsVerified = read.IsCompleted;
        return IsVerified;
    }

    private static void Compare(string expected, string given)
    {
        if (!Hmac.Matches(expected, given)) throw new S3Exception(ErrorCode.SignatureDoesNotMatch);
    }
}
