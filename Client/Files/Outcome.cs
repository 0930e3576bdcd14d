using OrleansDfs.Abstractions;

namespace OrleansDfs.Client;

/// <summary>Turns outcomes of grains into exceptions with one sentence.</summary>
internal static class Outcome
{
    public static void ThrowUnlessOk(DfsStatus status, string subject)
    {
        if (status != DfsStatus.Ok) throw Failure(status, subject);
    }

    /// <param name="subject">What the sentence is about: "File 'a' in bucket 'b'".</param>
    public static DfsException Failure(DfsStatus status, string subject) => new(status, $"{subject}: {Sentence(status)}");

    private static string Sentence(DfsStatus status) => status switch
    {
        DfsStatus.NoSuchBucket => "there is no such bucket.",
        DfsStatus.BucketChanged => "the bucket is being changed; try again.",
        DfsStatus.BucketAlreadyExists => "the bucket exists already.",
        DfsStatus.BucketNotEmpty => "the bucket is not empty.",
        DfsStatus.NoSuchKey => "there is no such file.",
        DfsStatus.NoSuchVersion => "there is no such version.",
        DfsStatus.DeleteMarker => "the file is deleted.",
        DfsStatus.PreconditionFailed => "the condition does not hold.",
        DfsStatus.BytesLost => "a chunk was sealed before the commit; nothing was written, write again.",
        DfsStatus.NoSuchUpload => "the upload is gone.",
        DfsStatus.Conflict => "another change got in between; nothing happened, try again.",
        DfsStatus.Unavailable => "the catalog or too many storage nodes are away; nothing happened.",
        DfsStatus.Unknown => "the outcome is unknown; look before trying again.",
        DfsStatus.Busy => "more is asked for than there is room for; nothing happened, try again a little later.",
        DfsStatus.AccessDenied => "access is denied.",
        _ => $"{status}.",
    };
}
