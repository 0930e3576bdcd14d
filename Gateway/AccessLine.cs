using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// The line that each request leaves in the log. Bucket and key are percent-encoded, so that no key can break a line; query and headers never
/// appear, for
/// they hold signatures.
/// </summary>
sealed class AccessLine(HttpContext http, string id, TimeProvider time)
{
    readonly long _started = time.GetTimestamp();

    public string Id => id;
    public RequestTarget? Target { get; set; }
    public string Operation { get; set; } = "-";
    public string? User { get; set; }

    /// <summary>Error code, or another word on how it ended.</summary>
    public string Note { get; set; } = "";

    public void Write(ILogger logger)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        var key = Target?.Key is { } named ? PercentEncoding.Encode(named.Value, keepSlash: true) : "-";
        GatewayLog.Access(logger, id, http.Connection.RemoteIpAddress?.ToString() ?? "-", User ?? "-", Operation, Method(http.Request.Method),
            Target?.Bucket?.Value ?? "-", key, http.Response.StatusCode, http.Response.ContentLength ?? 0,
            (long)time.GetElapsedTime(_started).TotalMilliseconds, Note);
    }

    /// <summary>A method is whatever a client writes.</summary>
    static string Method(string method) => method.Length <= 8 ? method : method[..8];
}
