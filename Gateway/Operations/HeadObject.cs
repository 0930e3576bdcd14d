namespace OrleansDfs.Gateway.Operations;

/// <summary>HeadObject: GetObject without its bytes.</summary>
static class HeadObject
{
    public static async Task Handle(S3Request request)
    {
        if (await OpenedFile.Open(request) is { } file) file.SetHeaders(request);
    }
}
