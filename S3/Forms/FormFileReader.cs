using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;

namespace OrleansDfs.S3;

/// <summary>
/// The file's content in a form: the source's own buffers up to the next boundary, never copies. At most one boundary's length is held back, since it
/// may
/// be the beginning of one.
/// </summary>
/// <remarks>Invariant: the read that says <see cref="ReadResult.IsCompleted"/> comes only after the boundary was seen and the length was within
/// bounds, so a
/// form that was cut off never becomes a file.</remarks>
internal sealed class FormFileReader(PipeReader source, byte[] delimiter, long minimum, long maximum) : PipeReader
{
    private long _given;
    private ReadOnlySequence<byte> _shown;
    private SequencePosition _sourceEnd;
    private bool _isAtEnd;
    private bool _isFinished;
    private S3Exception? _failure;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (Finished() is { } end) return end;
            if (Show(await source.ReadAsync(cancellationToken), out var shown)) return shown;
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        while (true)
        {
            if (Finished() is { } end)
            {
                result = end;
                return true;
            }
            if (!source.TryRead(out var read))
            {
                result = default;
                return false;
            }
            if (Show(read, out result)) return true;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isFinished && _shown.IsEmpty) return;
        var left = _shown.Slice(consumed);
        _given += _shown.Length - left.Length;
        if (_isAtEnd && left.IsEmpty) _isFinished = true;
        // What was held back counts as examined, or the source would give it again at once and for ever.
        source.AdvanceTo(consumed, _isAtEnd || !_shown.Slice(examined).IsEmpty ? examined : _sourceEnd);
        _shown = default;
    }

    public override void CancelPendingRead() => source.CancelPendingRead();

    public override void Complete(Exception? exception = null) => source.Complete(exception);

    private ReadResult? Finished()
    {
        if (_failure is not null) throw _failure;
        if (!_isFinished) return null;
        _shown = default;
        return new ReadResult(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);
    }

    /// <returns>Whether there is something to show; else the source was advanced and must be read again.</returns>
    private bool Show(ReadResult read, out ReadResult shown)
    {
        var buffer = read.Buffer;
        var end = Find(buffer);
        _isAtEnd = end is not null;
        var length = end ?? Math.Max(0, buffer.Length - delimiter.Length + 1);
        try
        {
            Check(_given + length, read.IsCompleted);
        }
        catch (S3Exception failure)
        {
            _failure = failure;
            source.AdvanceTo(buffer.Start); // the source must be left readable: the gateway drains or closes it
            throw;
        }
        _shown = buffer.Slice(0, length);
        _sourceEnd = buffer.End;
        if (length == 0 && !_isAtEnd && !read.IsCanceled)
        {
            source.AdvanceTo(buffer.Start, buffer.End);
            shown = default;
            return false;
        }
        shown = new ReadResult(_shown, read.IsCanceled, isCompleted: false);
        return true;
    }

    private void Check(long length, bool sourceCompleted)
    {
        if (length > maximum)
            throw new S3Exception(ErrorCode.EntityTooLarge, null, ("ProposedSize", Text(length)), ("MaxSizeAllowed", Text(maximum)));
        if (!_isAtEnd && sourceCompleted) throw MultipartForm.Malformed();
        if (_isAtEnd && length < minimum)
            throw new S3Exception(ErrorCode.EntityTooSmall, null,
                ("ProposedSize", Text(length)), ("MinSizeAllowed", Text(minimum)));
    }

    private long? Find(ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment) return buffer.FirstSpan.IndexOf(delimiter) is >= 0 and var at ? at : null;
        var reader = new SequenceReader<byte>(buffer);
        return reader.TryReadTo(out ReadOnlySequence<byte> before, delimiter, advancePastDelimiter: false) ? before.Length : null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
