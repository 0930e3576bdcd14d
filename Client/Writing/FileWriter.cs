using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// Writes the bytes of one file or part to the storage nodes.
/// <para>
/// The order that never changes (DESIGN §3): <b>bytes durable on every replica → digests verified → catalog committed → answer</b>. This class is the first arrow:
/// <see cref="CompleteAsync"/> returns only when every record is acknowledged by all replicas of its chunk (P7). The caller verifies the digests, commits, and answers.
/// </para>
/// </summary>
/// <example><code>
/// await using var writer = connections.OpenWriter(new RecordOwner(bucket, key), BlobId.New(), Digests.Md5, request.ContentLength);
/// while (await body.ReadAsync(cancellation) is { Buffer.IsEmpty: false } read)
/// {
///     await writer.WriteAsync(read.Buffer, cancellation);
///     body.AdvanceTo(read.Buffer.End);
/// }
/// var written = await writer.CompleteAsync(cancellation);
/// </code></example>
public sealed class FileWriter : IAsyncDisposable
{
    internal FileWriter(DfsConnections connections, RecordOwner owner, BlobId blob, Digests digests, long? sizeHint)
    {
    }

    /// <summary>Payload bytes taken so far.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>
    /// Room for the next bytes, straight in the record that will be sent: 1 byte to 64 KiB, never across a page. Fill some of it and call <see cref="Advance"/>.
    /// Waits where the window is full or no buffer is free.
    /// </summary>
    /// <exception cref="DfsException">The bytes could not be made durable in time: <c>Unavailable</c>. The writer is of no use any more.</exception>
    public ValueTask<Memory<byte>> GetMemoryAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Takes the first <paramref name="count"/> bytes of what <see cref="GetMemoryAsync"/> gave.</summary>
    public void Advance(int count) => throw new NotImplementedException();

    /// <summary>Takes these bytes; copied once, into the record. Back-pressure: returns when they are taken, not when they are durable.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Sends what is left and returns when every byte is durable on all replicas (P7). Once only.</summary>
    public ValueTask<WrittenFile> CompleteAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Without <see cref="CompleteAsync"/> before it: gives the body up; what was sent is unreferenced garbage.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
