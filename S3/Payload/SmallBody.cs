using System.Buffers;
using System.IO.Pipelines;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Bodies that are documents: read whole, under a cap that is checked before anything is kept.</summary>
public static class SmallBody
{
    /// <summary>Reads, verifies and returns the decoded body.</summary>
    /// <param name="limit">Most bytes taken.</param>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded, and whatever <see cref="PayloadPlan.Verify"/> finds.</exception>
    public static async ValueTask<byte[]> ReadAsync(
        PayloadPlan plan, PipeReader body, ChunkSigner? signer, int limit, CancellationToken cancellationToken)
    {
        if (plan.Length > limit) throw TooLong(limit);
        var decoded = plan.Open(body, signer);
        using var digests = new DigestSet(plan.Wanted);
        var bytes = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await decoded.ReadAsync(cancellationToken);
            foreach (var segment in read.Buffer)
            {
                if (bytes.WrittenCount + segment.Length > limit)
                {
                    decoded.AdvanceTo(read.Buffer.End);
                    throw TooLong(limit);
                }
                bytes.Write(segment.Span);
                digests.Append(segment.Span);
            }
            decoded.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
            cancellationToken.ThrowIfCancellationRequested();
        }
        plan.Verify(digests.Finish());
        return bytes.WrittenSpan.ToArray();
    }

    private static S3Exception TooLong(int limit) =>
        new(ErrorCode.MaxMessageLengthExceeded, null, ("MaxMessageLengthBytes", limit.ToString()));
}
