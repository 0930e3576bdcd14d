using System.Collections;
using System.Globalization;
using System.Text.Unicode;
using OrleansDfs.S3;
using OrleansDfs.ServiceDefaults;

namespace OrleansDfs.Gateway;

/// <summary>
/// The line that each request leaves in the log. Bucket and key are percent-encoded, so that no key can break a line; query and headers never appear,
/// for they hold signatures. It is the log's message itself, so that nothing is made for a line but its bytes.
/// </summary>
sealed class AccessLine(HttpContext http, string id, TimeProvider time) : IBatchedLine, IReadOnlyList<KeyValuePair<string, object?>>
{
    static readonly EventId _event = new(4, "Access");

    readonly long _started = time.GetTimestamp();
    string _peer = "-";
    string _method = "";
    int _status;
    long _sent;
    long _milliseconds;

    public string Id => id;
    public RequestTarget? Target { get; set; }
    public string Operation { get; set; } = "-";
    public string? User { get; set; }

    /// <summary>Error code, or another word on how it ended.</summary>
    public string Note { get; set; } = "";

    /// <summary>Once, at the end of the request: what is to be told is taken from it now.</summary>
    public void Write(ILogger logger)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        _peer = http.Connection.RemoteIpAddress?.ToString() ?? "-";
        _method = Method(http.Request.Method);
        _status = http.Response.StatusCode;
        _sent = http.Response.ContentLength ?? 0;
        _milliseconds = (long)time.GetElapsedTime(_started).TotalMilliseconds;
        logger.Log(LogLevel.Information, _event, this, null, static (line, _) => line.ToString());
    }

    string Bucket => Target?.Bucket?.Value ?? "-";

    string Key => Target?.Key is { } named ? PercentEncoding.Encode(named.Value, keepSlash: true) : "-";

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Utf8.TryWrite(utf8Destination, CultureInfo.InvariantCulture,
            $"{id} {_peer} {User ?? "-"} {Operation} {_method} {Bucket} {Key} {_status} {_sent} {_milliseconds} ms {Note}", out bytesWritten);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{id} {_peer} {User ?? "-"} {Operation} {_method} {Bucket} {Key} {_status} {_sent} {_milliseconds} ms {Note}");

    // The fields by name, for telemetry that keeps them apart.
    public int Count => 11;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("id", id),
        1 => new("peer", _peer),
        2 => new("user", User ?? "-"),
        3 => new("operation", Operation),
        4 => new("method", _method),
        5 => new("bucket", Bucket),
        6 => new("key", Key),
        7 => new("status", _status),
        8 => new("sent", _sent),
        9 => new("milliseconds", _milliseconds),
        10 => new("note", Note),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A method is whatever a client writes.</summary>
    static string Method(string method) => method.Length <= 8 ? method : method[..8];
}
