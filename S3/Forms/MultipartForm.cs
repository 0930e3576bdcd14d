using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// A body of multipart/form-data (RFC 7578) as PostObject takes it: fields first, then the one file, of which no byte is read ahead of need. Whatever
/// follows
/// the file is ignored, as S3 does.
/// </summary>
/// <remarks>Invariant: everything before the file's content together has <see cref="MaxBytes"/> at most; only that much is ever held.</remarks>
public sealed class MultipartForm
{
    /// <summary>Boundaries, part headers and fields before the file's content (AWS: 20 KB).</summary>
    public const int MaxBytes = 20 * 1024;

    private readonly PipeReader _body;
    private readonly byte[] _delimiter;
    private readonly FormFields _fields = new();
    private State _state;
    private string _name = "";

    private MultipartForm(PipeReader body, string boundary)
    {
        _body = body;
        _delimiter = Encoding.Latin1.GetBytes("\r\n--" + boundary);
    }

    private enum State
    {
        Preamble,
        AfterDelimiter,
        Headers,
        Value,
        File,
    }

    public FormFields Fields => _fields;

    /// <summary>Reads everything before the file's content.</summary>
    /// <param name="contentType">The request's Content-Type.</param>
    /// <param name="read">Reads from the body, with whatever deadline the server has.</param>
    /// <exception cref="S3Exception">PreconditionFailed for another type of body, MalformedPOSTRequest, MaxPostPreDataLengthExceededError,
    /// InvalidArgument where no file follows.</exception>
    public static async ValueTask<MultipartForm> ReadAsync(PipeReader body, string? contentType, Func<PipeReader, ValueTask<ReadResult>> read)
    {
        var form = new MultipartForm(body, Boundary(contentType));
        var used = 0;
        while (true)
        {
            var result = await read(body);
            var window = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, MaxBytes - used));
            var bytes = window.IsSingleSegment ? window.First : window.ToArray();
            var consumed = 0;
            try
            {
                while (form._state != State.File && form.Step(bytes.Span[consumed..]) is > 0 and var step) consumed += step;
                used += consumed;
                if (form._state != State.File) CheckMore(result, used + bytes.Length - consumed);
            }
            finally
            {
                // The bytes behind are the file's: examined no further than consumed, so that the next read gives them.
                var at = result.Buffer.GetPosition(consumed);
                body.AdvanceTo(at, form._state == State.File ? at : result.Buffer.End);
            }
            if (form._state == State.File) return form;
        }
    }

    /// <summary>The file's content, up to the next boundary.</summary>
    /// <param name="minimum">Fewer bytes are EntityTooSmall.</param>
    /// <param name="maximum">More bytes are EntityTooLarge, as soon as they come.</param>
    public PipeReader OpenFile(long minimum, long maximum) => new FormFileReader(_body, _delimiter, minimum, maximum);

    internal static S3Exception Malformed() => new(ErrorCode.MalformedPOSTRequest);

    private static void CheckMore(ReadResult result, int held)
    {
        if (held >= MaxBytes) throw new S3Exception(ErrorCode.MaxPostPreDataLengthExceededError);
        if (result.IsCompleted) throw Malformed();
    }

    private static string Boundary(string? contentType)
    {
        if (contentType is null || !FormHeader.TryParse(contentType, out var type)
            || !type.Value.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new S3Exception(ErrorCode.PreconditionFailed, null, ("Condition", "Bucket POST must be of the enclosure-type multipart/form-data"));
        // RFC 2046 §5.1.1: 1 to 70 characters.
        return type["boundary"] is { Length: > 0 and <= 70 } boundary ? boundary : throw Malformed();
    }

    /// <returns>Bytes consumed; 0 when more are needed.</returns>
    private int Step(ReadOnlySpan<byte> bytes) => _state switch
    {
        State.Preamble => Preamble(bytes),
        State.AfterDelimiter => AfterDelimiter(bytes),
        State.Headers => Headers(bytes),
        _ => Value(bytes),
    };

    /// <summary>The first boundary needs no line before it; what stands before is no part of the form.</summary>
    private int Preamble(ReadOnlySpan<byte> bytes)
    {
        var first = _delimiter.AsSpan(2);
        if (bytes.Length < first.Length) return 0;
        if (bytes.StartsWith(first)) return Next(State.AfterDelimiter, first.Length);
        var at = bytes.IndexOf(_delimiter);
        return at < 0 ? 0 : Next(State.AfterDelimiter, at + _delimiter.Length);
    }

    private int AfterDelimiter(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return 0;
        if (bytes.StartsWith("--"u8))
            throw S3Exception.InvalidArgument("POST requires exactly one file upload per request.", "file", "0");
        var end = bytes.IndexOf("\r\n"u8);
        if (bytes[..(end < 0 ? bytes.Length : end)].ContainsAnyExcept(" \t\r"u8)) throw Malformed();
        return end < 0 ? 0 : Next(State.Headers, end + 2);
    }

    private int Headers(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return 0;
        FormHeader? disposition = null;
        foreach (var line in PercentEncoding.StrictUtf8.TryDecode(bytes[..end]).Split("\r\n"))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0) throw Malformed();
            if (!line.AsSpan(0, colon).Trim().Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase)) continue;
            if (disposition is not null || !FormHeader.TryParse(line[(colon + 1)..], out disposition)) throw Malformed();
        }
        if (disposition is null || !disposition.Value.Equals("form-data", StringComparison.OrdinalIgnoreCase)) throw Malformed();
        _name = disposition["name"] ?? throw Malformed();
        if (!_name.Equals("file", StringComparison.OrdinalIgnoreCase)) return Next(State.Value, end + 4);
        _fields.FileName = FileName(disposition["filename"] ?? "");
        return Next(State.File, end + 4);
    }

    private int Value(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf(_delimiter);
        if (end < 0) return 0;
        _fields.Add(_name, PercentEncoding.StrictUtf8.TryDecode(bytes[..end]));
        return Next(State.AfterDelimiter, end + _delimiter.Length);
    }

    private int Next(State state, int consumed)
    {
        _state = state;
        return consumed;
    }

    /// <summary>Some browsers send a whole path; S3 takes what follows the last slash or backslash.</summary>
    private static string FileName(string sent) => sent[(sent.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
}

file static class Utf8
{
    public static string TryDecode(this Encoding utf8, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw MultipartForm.Malformed();
        }
    }
}
