using Microsoft.Win32.SafeHandles;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>A large local file as a multipart upload: parts side by side, one atomic version at the end. What fails leaves nothing behind.</summary>
internal sealed class PartUpload(DfsConnections connections, BucketDirectory buckets, FileUpload upload)
{
    private const int MaxParts = 10_000; // S3's, which IUploadGrain keeps to

    public async Task<FileVersion> WriteAsync(
        BucketName bucket, ObjectKey key, SafeFileHandle source, long size, WriteOptions options,
        IProgress<long>? progress, CancellationToken cancellation)
    {
        var partSize = Math.Max(connections.Options.PartSize, (size + MaxParts - 1) / MaxParts);
        var parts = new CompletedPart[(size + partSize - 1) / partSize];
        var id = UploadId.New();
        var grain = connections.Grains.Upload(id);
        var info = await buckets.FindAsync(bucket, cancellation);
        await CreateAsync();
        try
        {
            var sum = new SumProgress(progress);
            await Lanes.RunAsync(parts.Length, connections.Options.ParallelParts, PutPartAsync, cancellation);
            return await CompleteAsync();

            async Task PutPartAsync(int index, CancellationToken stop)
            {
                var start = index * partSize;
                var length = Math.Min(partSize, size - start);
                var result = await PutPartOnceAsync(index, start, length, sum, stop);
                if (result.Status == DfsStatus.BytesLost) result = await PutPartOnceAsync(index, start, length, new SumProgress(null), stop); // P16
                if (result is not { Status: DfsStatus.Ok, Part: { } part }) throw Outcome.Failure(result.Status, $"Part {index + 1} of '{key}'");
                parts[index] = new CompletedPart(index + 1, part.ETag, null);
            }
        }
        catch (DfsException e) when (e.Status == DfsStatus.Unknown)
        {
            throw; // it may be complete
        }
        catch
        {
            await AbortAsync();
            throw;
        }

        async Task CreateAsync()
        {
            var status = await buckets.CallAsync(
                bucket,
                b => GrainCalls.CommitAsync(() => grain.Create(new CreateUpload(b.Ref, NewUpload(b.Id))), $"Beginning the upload of '{key}'"),
                s => s,
                cancellation);
            Outcome.ThrowUnlessOk(status, $"File '{key}' in bucket '{bucket}'");
            info = await buckets.FindAsync(bucket, cancellation);
        }

        UploadInfo NewUpload(long bucketId) => new(
            id, bucketId, key, connections.Options.Owner, default, upload.PropertiesOf(options),
            new Dictionary<string, string>(options.Tags), null, null);

        async Task<PutPartResult> PutPartOnceAsync(int index, long start, long length, SumProgress sum, CancellationToken stop)
        {
            await using var writer = connections.OpenWriter(new RecordOwner(bucket, key, id, index + 1), BlobId.New(), Digests.Md5, length);
            for (long done = 0; done < length;)
            {
                var room = await writer.GetMemoryAsync(stop);
                var count = await RandomAccess.ReadAsync(source, room[..(int)Math.Min(room.Length, length - done)], start + done, stop);
                if (count == 0) throw new IOException("The file became shorter while it was uploaded.");
                writer.Advance(count);
                sum.Add(count);
                done += count;
            }
            var written = await writer.CompleteAsync(stop);
            return await buckets.CallAsync(
                bucket,
                b => GrainCalls.CommitAsync(
                    () => grain.PutPart(new PutPart(b.Ref, key, index + 1, written.Blob, written.Digests.ETag, null, AttemptId.New())),
                    $"Part {index + 1} of '{key}'"),
                r => r.Status,
                stop);
        }

        async Task<FileVersion> CompleteAsync()
        {
            var precondition = new WritePrecondition(options.IfMatch, options.IfNoneMatch);
            var result = await buckets.CallAsync(
                bucket,
                b => GrainCalls.CommitAsync(
                    // May be sent again: a repetition after success answers the same (RELIABILITY I11).
                    () => connections.Grains.ReadAsync(
                        () => grain.Complete(new CompleteUpload(b.Ref, key, parts, null, size, precondition)), cancellation),
                    $"Completing '{key}'"),
                r => r.Status,
                cancellation);
            return result is { Status: DfsStatus.Ok, Version: { } version }
                ? version
                : throw Outcome.Failure(result.Status, $"File '{key}' in bucket '{bucket}'");
        }

        async Task AbortAsync()
        {
            try
            {
                await grain.Abort(info.Ref, key);
            }
            catch (Exception e) when (GrainCalls.IsTransient(e))
            {
                // The failure that brought us here is the one to tell; an upload left behind shows in ListMultipartUploads and can be aborted there.
            }
        }
    }
}
