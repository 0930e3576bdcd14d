using OrleansDfs.Gateway.Sse;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// GetObject: one question to the file's grain, then bytes from the storage nodes straight into the answer. What cannot be read at all is an error;
/// what
/// breaks later aborts the connection, for an answer that ends cleanly must be whole (DESIGN §4).
/// </summary>
static class GetObject
{
    public static async Task Handle(S3Request request)
    {
        if (await OpenedFile.Open(request) is not { } file) return;
        var key = await ObjectKeys.ForRead(request, file.Version.Properties);
        if (file.Range.Length == 0)
        {
            file.SetHeaders(request);
            return;
        }
        var parts = await FileSource.Parts(request, file.Version);
        await using var reader = FileSource.Open(request, file.Version, file.Manifest, key, parts, file.Range.Offset, file.Range.Length);
        var first = await reader.ReadAsync(request.Cancellation); // before the status line: no replica at all is a clean 503
        file.SetHeaders(request);
        var output = request.Response.BodyWriter;
        await output.WriteAsync(first, request.Cancellation); // the head goes with it, in one piece; from here a failure aborts
        if (reader.Remaining > 0) await reader.CopyToAsync(output, request.Cancellation);
    }
}
