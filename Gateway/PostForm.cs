using System.IO.Pipelines;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// A browser's upload: its fields are read, its file is still on the wire. The fields take the place of the request's own headers, of which no
/// signature
/// covers any.
/// </summary>
sealed class PostForm
{
    /// <summary>Headers of the request itself that access rules may ask about; they say nothing about the file.</summary>
    static readonly string[] _kept = ["Host", "Referer", "User-Agent", "Origin", "X-Forwarded-For", "x-amz-expected-bucket-owner"];

    readonly MultipartForm _form;

    PostForm(MultipartForm form) => _form = form;

    public FormFields Fields => _form.Fields;

    /// <summary>The file's content, within what the policy and S3 allow.</summary>
    public PipeReader File { get; private set; } = PipeReader.Create(Stream.Null);

    /// <exception cref="S3Exception">MissingContentLength; credentials beside the form's; a body that is no form.</exception>
    public static async ValueTask<PostForm> Read(HttpContext http, RequestTarget target, RequestHeaders headers)
    {
        if (headers.Contains("Authorization") || target.Query.Contains("X-Amz-Signature") || target.Query.Contains("Signature"))
            throw new S3Exception(ErrorCode.InvalidArgument, "Only one auth mechanism allowed; the signature of a form stands in its fields.",
                ("ArgumentName", "Authorization"));
        if (http.Request.ContentLength is null) throw new S3Exception(ErrorCode.MissingContentLength);
        return new PostForm(await RequestBody.ReadForm(http, headers["Content-Type"]));
    }

    /// <summary>What a PutObject of the same file would say.</summary>
    /// <exception cref="S3Exception">As <see cref="FormFields.AddHeaders"/>.</exception>
    public RequestHeaders ReadHeaders(RequestHeaders request)
    {
        var headers = new RequestHeaders();
        foreach (var (name, value) in request.Lines)
            if (_kept.Contains(name, StringComparer.OrdinalIgnoreCase)) headers.Add(name, value);
        Fields.AddHeaders(headers);
        return headers;
    }

    /// <summary>Opens the file under the policy's length; without a policy under S3's own.</summary>
    public PostForm Under(PostPolicy? policy)
    {
        File = _form.OpenFile(policy?.MinimumLength ?? 0, Math.Min(policy?.MaximumLength ?? long.MaxValue, MultipartParameters.MaxPutSize));
        return this;
    }
}
