using System.Buffers;
using System.Security.Cryptography;
using OrleansDfs.Client;
using OrleansDfs.Model;

namespace OrleansDfs.Gateway.Sse;

/// <summary>What a body became.</summary>
/// <param name="Blob">The stored bytes.</param>
/// <param name="Digests">Of the body as the client knows it.</param>
/// <param name="PlainLength">Length of the body where it is not that of the stored bytes; else <c>null</c>.</param>
sealed record StoredBody(WrittenBlob Blob, DigestValues Digests, long? PlainLength);

/// <summary>
/// Where a handler writes a body: to the storage nodes as it is, or sealed segment by segment on the way. Digests are always those of the plaintext.
/// Memory is bounded: two segments beside what the writer holds.
/// </summary>
sealed class FileSink : IAsyncDisposable
{
    readonly FileWriter _writer;
    readonly Sealing? _sealing;

    FileSink(FileWriter writer, Sealing? sealing) => (_writer, _sealing) = (writer, sealing);

    /// <param name="key">Data key, or <c>null</c>: the body is stored as it is.</param>
    /// <param name="length">Of the body, if known.</param>
    public static FileSink Open(S3Request request, RecordOwner owner, Digests digests, long? length, byte[]? key)
    {
        var stored = key is null || length is null ? length : SegmentLayout.StoredLength(length.Value);
        var backend = request.Backend;
        var writer = backend.Connections.OpenWriter(
            owner, BlobId.New(), key is null ? digests : Digests.None, stored, backend.Settings.MaxWait);
        return new FileSink(writer, key is null ? null : new Sealing(writer, key, digests));
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (_sealing is null) await _writer.WriteAsync(bytes, cancellation);
        else await _sealing.WriteAsync(bytes, cancellation);
    }

    public async ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellation)
    {
        foreach (var segment in bytes) await WriteAsync(segment, cancellation);
    }

    /// <summary>As <see cref="FileWriter.CompleteAsync"/>.</summary>
    public async ValueTask<StoredBody> CompleteAsync(CancellationToken cancellation)
    {
        var digests = _sealing is null ? null : await _sealing.FinishAsync(cancellation);
        var written = await _writer.CompleteAsync(cancellation);
        return new StoredBody(written.Blob, digests ?? written.Digests, digests?.Length);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _sealing?.Dispose();
    }

    /// <summary>A segment is sealed only when more bytes come or the end is known: the last one is marked so.</summary>
    sealed class Sealing : IDisposable
    {
        readonly FileWriter _writer;
        readonly SegmentCipher _cipher;
        readonly DigestSet _digests;
        readonly byte[] _salt = RandomNumberGenerator.GetBytes(SegmentLayout.HeaderSize);
        readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(SegmentLayout.Plain);
        readonly byte[] _stored = ArrayPool<byte>.Shared.Rent(SegmentLayout.Stored);
        long _segment;
        int _filled;

        public Sealing(FileWriter writer, byte[] key, Digests digests)
        {
            (_writer, _digests) = (writer, new DigestSet(digests));
            _cipher = new SegmentCipher(key, _salt);
        }

        int Capacity => _segment == 0 ? SegmentLayout.First : SegmentLayout.Plain;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            _digests.Append(bytes.Span);
            while (!bytes.IsEmpty)
            {
                if (_filled == Capacity) await SendAsync(isLast: false, cancellation);
                var taken = Math.Min(bytes.Length, Capacity - _filled);
                bytes.Span[..taken].CopyTo(_plain.AsSpan(_filled));
                _filled += taken;
                bytes = bytes[taken..];
            }
        }

        public async ValueTask<DigestValues> FinishAsync(CancellationToken cancellation)
        {
            await SendAsync(isLast: true, cancellation);
            return _digests.Finish();
        }

        public void Dispose()
        {
            CryptographicOperations.ZeroMemory(_plain); // the pool's next user must not find a customer's bytes
            ArrayPool<byte>.Shared.Return(_plain);
            ArrayPool<byte>.Shared.Return(_stored);
            _digests.Dispose();
            _cipher.Dispose();
        }

        async ValueTask SendAsync(bool isLast, CancellationToken cancellation)
        {
            if (_segment == 0) await _writer.WriteAsync(_salt, cancellation);
            _cipher.Seal(_segment, isLast, _plain.AsSpan(0, _filled), _stored.AsSpan(0, _filled + SegmentLayout.TagSize));
            await _writer.WriteAsync(_stored.AsMemory(0, _filled + SegmentLayout.TagSize), cancellation);
            _segment++;
            _filled = 0;
        }
    }
}
