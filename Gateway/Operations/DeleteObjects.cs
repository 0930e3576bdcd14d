using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// DeleteObjects: up to 1000 files, each with an outcome of its own, some at a time side by side so that the catalog can batch them.
/// </summary>
static class DeleteObjects
{
    const int Parallel = 32;

    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var bypass = ObjectLocks.ReadBypass(request);
        var document = DeleteRequest.Parse(await request.ReadDocument(DeleteRequest.MaxBytes, needsIntegrity: true));
        var outcomes = new DeleteOutcome[document.Objects.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = request.Cancellation };
        await System.Threading.Tasks.Parallel.ForAsync(0, outcomes.Length, options,
            async (i, _) => outcomes[i] = await Delete(request, document.Objects[i], bypass));
        request.Xml(output => ObjectResults.WriteDelete(output, document.Quiet, outcomes));
    }

    /// <summary>Here AWS calls an id that is none a version that is not there.</summary>
    static Abstractions.VersionSelector Selector(string? version)
    {
        try
        {
            return Versions.Parse(version);
        }
        catch (S3Exception)
        {
            throw new S3Exception(ErrorCode.NoSuchVersion);
        }
    }

    static async Task<DeleteOutcome> Delete(S3Request request, DeleteEntry entry, bool bypass)
    {
        try
        {
            var key = Keys.Parse(entry.Key); // the bytes that were authorised are the bytes deleted (S3.md §6, 5)
            var asked = request.Asked.ToDelete(key, entry.Version);
            await request.Backend.Gate.Enter(asked, request.BucketName, fresh: false, request.Cancellation);
            // An ETag in the document tells what is there, as one in the header does (AWS, "How to perform conditional deletes").
            if (entry.ETag is not (null or "*"))
                await request.Backend.Gate.Enter(asked.ToRead(), request.BucketName, fresh: false, request.Cancellation);
            var selector = Selector(entry.Version);
            var deleted = await DeleteObject.Delete(request, asked, key, selector, entry.ETag, bypass);
            if (!DeleteObject.IsDone(deleted.Status, entry.ETag))
                return new DeleteOutcome(entry.Key, entry.Version, null, deleted.Status.ToException().Error);
            var marker = deleted is { IsDeleteMarker: true, Version: { } version } ? S3.VersionSelector.Show(version, deleted.IsNull) : null;
            return new DeleteOutcome(entry.Key, entry.Version, marker, null);
        }
        catch (S3Exception refused)
        {
            return new DeleteOutcome(entry.Key, entry.Version, null, refused.Error);
        }
        catch (Exception e) when (TransientFailure.Is(e))
        {
            return new DeleteOutcome(entry.Key, entry.Version, null, new S3Error(ErrorCode.ServiceUnavailable)); // P18: not sent again
        }
    }
}
