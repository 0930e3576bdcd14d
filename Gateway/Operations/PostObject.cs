using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// PostObject: a browser's form. Signature and policy were judged before (<see cref="S3Endpoint"/>); what is stored goes PutObject's way, with the
/// same order of
/// steps.
/// </summary>
static class PostObject
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var plan = PayloadPlan.Read(request.Headers, signed: null);
        if (plan.Mode.IsChunked())
            throw S3Exception.InvalidArgument(
                "The file of a form is not sent in chunks.", "x-amz-content-sha256", request.Headers["x-amz-content-sha256"]!);
        var version = await PutObject.Store(request, plan, request.Form.File);
        Answer(request, version);
    }

    static void Answer(S3Request request, FileVersion version)
    {
        PutObject.Describe(request, version);
        if (Redirect(request, version) is { } url)
        {
            request.Set("Location", url);
            request.Empty(StatusCodes.Status303SeeOther);
            return;
        }
        var location = request.Location();
        request.Set("Location", location);
        switch (request.Form.Fields["success_action_status"])
        {
            case "200":
                request.Empty();
                break;
            case "201":
                request.Response.StatusCode = StatusCodes.Status201Created;
                request.Xml(output => ObjectResults.WritePost(output, location, request.BucketName, request.Key, version.ETag));
                break;
            default: // none, or one that S3 does not know
                request.Empty(StatusCodes.Status204NoContent);
                break;
        }
    }

    /// <summary>Where the page wants its user to go, told what was stored. An address that is none is as if not sent, as AWS does.</summary>
    static string? Redirect(S3Request request, FileVersion version)
    {
        var sent = request.Form.Fields["success_action_redirect"] ?? request.Form.Fields["redirect"];
        if (!Uri.TryCreate(sent, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) return null;
        if (sent.AsSpan().ContainsAnyExceptInRange('!', '~')) return null; // nothing that could break a header
        var about = $"bucket={request.BucketName.Value}&key={Encode(request.Key.Value)}&etag={Encode(ETags.Quote(version.ETag))}";
        return sent + (url.Query.Length == 0 ? "?" : "&") + about;
    }

    static string Encode(string text) => PercentEncoding.Encode(text, keepSlash: false);
}
