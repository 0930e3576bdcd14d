using System.Buffers;
using System.IO.Pipelines;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>Headers that every answer has, and answers that are errors.</summary>
static class ErrorAnswers
{
    /// <summary>
    /// A body that the client is still sending is read away up to this, so that the connection can be used again; a longer one costs the
    /// connection.
    /// </summary>
    const long MaxDrained = 1024 * 1024;

    /// <summary>
    /// Closing a socket with unread bytes resets it and the client may never see the answer: so much longer is a body read before that.
    /// </summary>
    static readonly TimeSpan _linger = TimeSpan.FromSeconds(3);

    /// <summary>Headers that handlers set and that belong to the error too.</summary>
    static readonly string[] _kept =
    [
        "x-amz-request-id", "x-amz-id-2", "Server", "Date", "x-amz-delete-marker", "x-amz-version-id", "x-amz-bucket-region", "Allow", "Vary",
        "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Access-Control-Expose-Headers",
        "Access-Control-Max-Age",
    ];

    /// <summary>What this gateway is called in <c>x-amz-id-2</c>; with the request id it finds the request in the logs.</summary>
    static readonly string _hostId =
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"odfs-{Environment.MachineName}-{Environment.ProcessId}"));

    public static void SetCommonHeaders(HttpResponse response, string requestId)
    {
        response.Headers["x-amz-request-id"] = requestId;
        response.Headers["x-amz-id-2"] = _hostId;
        response.Headers.Server = "OrleansDfs";
    }

    /// <summary>Writes the error document, or aborts the connection if an answer has begun: it must not end cleanly short (DESIGN §4).</summary>
    public static async Task Write(HttpContext http, S3Error error, AccessLine log)
    {
        log.Note = error.Code.Code;
        var response = http.Response;
        if (response.HasStarted)
        {
            http.Abort();
            return;
        }
        ResetHeaders(response, error);
        response.StatusCode = error.Code.Status;
        if (error.Code.Status == StatusCodes.Status503ServiceUnavailable) response.Headers.RetryAfter = "1";
        var closes = MustClose(http.Request);
        if (closes) response.Headers.Connection = "close";
        response.ContentType = "application/xml";
        if (!HttpMethods.IsHead(http.Request.Method)) WriteDocument(response, Detail(error, log), log);
        await response.CompleteAsync();
        if (closes) await Drain(http.Request.BodyReader);
    }

    static void WriteDocument(HttpResponse response, S3Error error, AccessLine log)
    {
        var document = new ArrayBufferWriter<byte>(1024);
        ErrorDocument.Write(document, error, log.Target?.Path ?? "/", log.Id, _hostId);
        response.ContentLength = document.WrittenCount;
        response.BodyWriter.Write(document.WrittenSpan);
    }

    static void ResetHeaders(HttpResponse response, S3Error error)
    {
        var time = error.Code == ErrorCode.MethodNotAllowed ? "Last-Modified" : null; // of a delete marker that was named
        List<string>? extra = null;
        foreach (var (name, _) in response.Headers)
            if (name != time && !_kept.Contains(name, StringComparer.OrdinalIgnoreCase)) (extra ??= []).Add(name);
        if (extra is null) return;
        foreach (var name in extra) response.Headers.Remove(name);
    }

    /// <summary>Errors without details name what they are about, as AWS's do.</summary>
    static S3Error Detail(S3Error error, AccessLine log)
    {
        if (error.Details.Count > 0 || log.Target is not { } target) return error;
        if (error.Code == ErrorCode.NoSuchKey && target.Key is { } key) return new S3Error(error.Code, error.Message, ("Key", key.Value));
        if (error.Code == ErrorCode.NoSuchVersion && target is { Key: { } versioned } && target.Query["versionId"] is { } version)
            return new S3Error(error.Code, error.Message, ("Key", versioned.Value), ("VersionId", version));
        if (error.Code == ErrorCode.NoSuchUpload && target.Query["uploadId"] is { } upload)
            return new S3Error(error.Code, error.Message, ("UploadId", upload));
        var aboutBucket = error.Code == ErrorCode.NoSuchBucket || error.Code == ErrorCode.BucketNotEmpty
            || error.Code == ErrorCode.BucketAlreadyExists;
        return aboutBucket && target.Bucket is { } bucket ? new S3Error(error.Code, error.Message, ("BucketName", bucket.Value)) : error;
    }

    static bool MustClose(HttpRequest request)
    {
        // Whoever waits for 100 Continue may send the body or not: only a new connection is unambiguous.
        if (request.Headers.Expect.Count > 0) return true;
        return request.ContentLength is { } length ? length > MaxDrained : request.Headers.TransferEncoding.Count > 0;
    }

    static async Task Drain(PipeReader body)
    {
        using var deadline = new CancellationTokenSource(_linger);
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(deadline.Token);
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException or InvalidOperationException)
        {
            // It has had its answer. Time is up, the client is gone, or its body is broken: the connection closes either way.
        }
    }
}
