using System.Globalization;
using System.Text;

namespace OrleansDfs.Load;

/// <summary>The calls of a multipart upload.</summary>
static class Multipart
{
    /// <summary>CreateMultipartUpload.</summary>
    /// <returns>The answer, and the upload's id percent-encoded where it succeeded.</returns>
    public static async ValueTask<(Answer Answer, string Upload)> Start(Connection connection, string path)
    {
        var created = await connection.Send("POST", path, "uploads=", default, 0, keepBody: true);
        if (created.Status != 200) return (created, "");
        return (created, Uri.EscapeDataString(created.Body.Split("<UploadId>")[1].Split("</UploadId>")[0]));
    }

    /// <summary>UploadPart; the content is repeated to its size.</summary>
    public static ValueTask<Answer> Part(Connection connection, string path, string upload, int number, ReadOnlyMemory<byte> content, long size)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"partNumber={number}&uploadId={upload}");
        return connection.Send("PUT", path, query, content, size, keepBody: false);
    }

    /// <summary>CompleteMultipartUpload. An error may come behind a 200, after white space (S3's documentation): it is answered as a 500.</summary>
    /// <param name="tags">The parts' ETags in order.</param>
    public static async ValueTask<Answer> Complete(Connection connection, string path, string upload, IEnumerable<string> tags)
    {
        var complete = new StringBuilder("<CompleteMultipartUpload>");
        foreach (var (index, tag) in tags.Index())
            complete.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{index + 1}</PartNumber><ETag>{tag}</ETag></Part>");
        var document = Encoding.UTF8.GetBytes(complete.Append("</CompleteMultipartUpload>").ToString());
        var done = await connection.Send("POST", path, $"uploadId={upload}", document, document.Length, keepBody: true);
        return done.Status == 200 && done.Body.Contains("<Error>", StringComparison.Ordinal) ? done with { Status = 500 } : done;
    }
}
