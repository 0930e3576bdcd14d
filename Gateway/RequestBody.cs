using System.Buffers;
using System.IO.Pipelines;
using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>Takes a request's body through its payload mode: into a writer of a file, or whole, for documents.</summary>
static class RequestBody
{
    /// <summary>A client that sends nothing for so long is given up: it holds a slot and buffers.</summary>
    static readonly TimeSpan _stall = TimeSpan.FromSeconds(60);

    /// <summary>Sends the whole body to the storage nodes. It is durable when this returns, and nothing about it is verified yet.</summary>
    /// <exception cref="S3Exception">The framing is broken, a chunk's signature is wrong, or the body ended early.</exception>
    public static async Task<StoredBody> WriteTo(this PayloadPlan plan, PipeReader source, FileSink sink, S3Request request)
    {
        var body = plan.Open(source, Signer(plan, request));
        using var stall = new CancellationTokenSource();
        while (true)
        {
            var read = await Read(body, stall);
            try
            {
                if (!read.Buffer.IsEmpty) await sink.WriteAsync(read.Buffer, request.Cancellation);
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End); // also when the writer gave up: the error's answer drains what follows
            }
            if (read.IsCompleted) break;
        }
        return await sink.CompleteAsync(request.Cancellation);
    }

    /// <summary>A document in the body, verified against what was promised about it.</summary>
    /// <param name="limit">Longest document in bytes.</param>
    /// <param name="needsIntegrity">Refuse a body without Content-MD5 or checksum, as AWS does for DeleteObjects and configurations.</param>
    /// <param name="checksumIsOfBody">See <see cref="PayloadPlan.Read"/>.</param>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded, InvalidRequest, or a digest that does not match.</exception>
    public static async Task<byte[]> ReadDocument(this S3Request request, int limit, bool needsIntegrity = false, bool checksumIsOfBody = true)
    {
        var plan = PayloadPlan.Read(request.Headers, request.Identity.Signed, fallback: null, checksumIsOfBody);
        if (needsIntegrity && !plan.HasIntegrity)
            throw new S3Exception(ErrorCode.InvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        if (plan.Length > limit) throw new S3Exception(ErrorCode.MaxMessageLengthExceeded, null, ("MaxMessageLengthBytes", $"{limit}"));
        var body = plan.Open(request.Http.Request.BodyReader, Signer(plan, request));
        var document = new ArrayBufferWriter<byte>(1024);
        using var stall = new CancellationTokenSource();
        while (true)
        {
            var read = await Read(body, stall);
            var fits = document.WrittenCount + read.Buffer.Length <= limit;
            if (fits)
                foreach (var segment in read.Buffer) document.Write(segment.Span);
            body.AdvanceTo(read.Buffer.End);
            if (!fits) throw new S3Exception(ErrorCode.MaxMessageLengthExceeded, null, ("MaxMessageLengthBytes", $"{limit}"));
            if (read.IsCompleted) break;
        }
        using var digests = new DigestSet(plan.Wanted);
        digests.Append(document.WrittenSpan);
        plan.Verify(digests.Finish());
        return document.WrittenSpan.ToArray();
    }

    /// <summary>The fields of a form; its file is still to come.</summary>
    /// <exception cref="S3Exception">As <see cref="MultipartForm.ReadAsync"/>.</exception>
    public static async ValueTask<MultipartForm> ReadForm(HttpContext http, string? contentType)
    {
        using var stall = new CancellationTokenSource();
        return await MultipartForm.ReadAsync(http.Request.BodyReader, contentType, body => Read(body, stall));
    }

    static ChunkSigner? Signer(PayloadPlan plan, S3Request request) => plan.Mode.HasSignedChunks()
        ? request.Identity.Signed!.ChunkSigner(request.Identity.SigningKey!)
        : null;

    static async ValueTask<ReadResult> Read(PipeReader body, CancellationTokenSource stall)
    {
        var pending = body.ReadAsync(stall.Token);
        if (pending.IsCompletedSuccessfully) return pending.Result;
        stall.CancelAfter(_stall);
        try
        {
            var read = await pending;
            stall.CancelAfter(Timeout.InfiniteTimeSpan);
            return read;
        }
        catch (OperationCanceledException) when (stall.IsCancellationRequested)
        {
            throw new S3Exception(ErrorCode.RequestTimeout);
        }
    }
}
