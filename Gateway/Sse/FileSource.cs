using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;

namespace OrleansDfs.Gateway.Sse;

/// <summary>
/// Where a handler reads a range of a version from: the storage nodes, or through the cipher where it is encrypted. No byte is handed out whose
/// segment was not authenticated.
/// </summary>
abstract class FileSource : IAsyncDisposable
{
    /// <summary>Bytes of the range that <see cref="ReadAsync"/> has not returned yet.</summary>
    public abstract long Remaining { get; }

    /// <summary>The next bytes, valid until the next call; empty at the end of the range.</summary>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation);

    public abstract ValueTask DisposeAsync();

    /// <param name="key">Data key of an encrypted version, from <see cref="ObjectKeys.ForRead"/>; else <c>null</c>.</param>
    /// <param name="parts">Of an encrypted multipart version, from <see cref="Parts"/>; else empty.</param>
    public static FileSource Open(
        S3Request request, FileVersion version, ManifestPage manifest, byte[]? key, IReadOnlyList<VersionPart> parts, long offset, long length) =>
        key is null
            ? new PlainSource(request.Backend.Connections.OpenReader(version, manifest, offset, length, request.Backend.Settings.MaxWait))
            : new OpeningSource(request, version, manifest, key, parts, offset, length);

    /// <summary>The parts that an encrypted multipart version is sealed in; nothing is asked for where they are not needed.</summary>
    /// <exception cref="S3.S3Exception">ServiceUnavailable, NoSuchVersion.</exception>
    public static async ValueTask<IReadOnlyList<VersionPart>> Parts(S3Request request, FileVersion version)
    {
        if (version.Properties.Encryption is null || version.PartCount == 0) return [];
        var found = await request.Grains.ReadAsync(
            () => request.Grains.File(version.BucketId, version.Key).Parts(version.Version, request.Cancellation), request.Cancellation);
        found.Status.ThrowUnlessOk();
        return found.Parts;
    }

    /// <summary>Writes the rest of the range with the destination's back-pressure.</summary>
    public virtual async Task CopyToAsync(PipeWriter destination, CancellationToken cancellation)
    {
        while (await ReadAsync(cancellation) is { IsEmpty: false } slice)
            if ((await destination.WriteAsync(slice, cancellation)).IsCompleted) return;
    }

    sealed class PlainSource(FileReader reader) : FileSource
    {
        public override long Remaining => reader.Remaining;

        public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation) => reader.ReadAsync(cancellation);

        public override Task CopyToAsync(PipeWriter destination, CancellationToken cancellation) => reader.CopyToAsync(destination, cancellation);

        public override ValueTask DisposeAsync() => reader.DisposeAsync();
    }

    /// <summary>Goes through the blobs of the version one after the other; each has a salt and segments of its own.</summary>
    sealed class OpeningSource : FileSource
    {
        readonly S3Request _request;
        readonly FileVersion _stored; // with the length of the stored bytes, which is what the reader addresses
        readonly ManifestPage _manifest;
        readonly byte[] _key;
        readonly long[] _plainSizes;
        readonly byte[] _sealed = ArrayPool<byte>.Shared.Rent(SegmentLayout.Stored);
        readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(SegmentLayout.Plain);
        FileReader? _reader;
        SegmentCipher? _cipher;
        ReadOnlyMemory<byte> _unread; // of what the reader gave last
        int _part = -1;
        long _partStored; // where the current blob begins in the stored bytes
        long _segment;
        long _inPart; // plaintext offset of the next byte in its blob
        long _remaining;

        public OpeningSource(
            S3Request request, FileVersion version, ManifestPage manifest, byte[] key, IReadOnlyList<VersionPart> parts, long offset, long length)
        {
            _plainSizes = version.PartCount == 0 ? [version.Size] : [.. parts.Select(p => p.Size)];
            (_request, _manifest, _key, _remaining) = (request, manifest, key, length);
            _stored = version with { Size = _plainSizes.Sum(SegmentLayout.StoredLength) };
            _inPart = offset;
            while (_part + 1 < _plainSizes.Length - 1 && _inPart >= _plainSizes[_part + 1])
            {
                _part++;
                _inPart -= _plainSizes[_part];
                _partStored += SegmentLayout.StoredLength(_plainSizes[_part]);
            }
            _part++;
        }

        public override long Remaining => _remaining;

        public override async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
        {
            if (_remaining == 0) return default;
            while (_inPart == _plainSizes[_part]) await NextPart();
            if (_cipher is null) await BeginPart(cancellation);
            var length = SegmentLayout.PlainLength(_segment, _plainSizes[_part]);
            await Fill(length + SegmentLayout.TagSize, cancellation);
            var isLast = _segment == SegmentLayout.Count(_plainSizes[_part]) - 1;
            if (!_cipher!.TryOpen(_segment, isLast, _sealed.AsSpan(0, length + SegmentLayout.TagSize), _plain.AsSpan(0, length)))
                throw new CryptographicException($"Segment {_segment} of a version of {_stored.Key} was altered, or its key is another.");
            var skip = (int)(_inPart - SegmentLayout.PlainStart(_segment));
            var taken = (int)Math.Min(length - skip, _remaining);
            _segment++;
            _inPart += taken;
            _remaining -= taken;
            return _plain.AsMemory(skip, taken);
        }

        public override async ValueTask DisposeAsync()
        {
            if (_reader is not null) await _reader.DisposeAsync();
            _cipher?.Dispose();
            CryptographicOperations.ZeroMemory(_plain);
            ArrayPool<byte>.Shared.Return(_plain);
            ArrayPool<byte>.Shared.Return(_sealed);
        }

        async ValueTask NextPart()
        {
            _partStored += SegmentLayout.StoredLength(_plainSizes[_part]);
            _part++;
            _inPart = 0;
            _cipher?.Dispose();
            _cipher = null;
            if (_reader is not null) await _reader.DisposeAsync();
            (_reader, _unread) = (null, default);
        }

        /// <summary>The salt, and a reader from the first segment wanted to the last one wanted of this blob.</summary>
        async ValueTask BeginPart(CancellationToken cancellation)
        {
            _segment = SegmentLayout.SegmentOf(_inPart);
            var plainSize = _plainSizes[_part];
            var last = SegmentLayout.SegmentOf(Math.Min(_inPart + _remaining, plainSize) - 1);
            var end = SegmentLayout.StoredStart(last) + SegmentLayout.PlainLength(last, plainSize) + SegmentLayout.TagSize;
            var salt = new byte[SegmentLayout.HeaderSize];
            if (_segment == 0)
            {
                _reader = Reader(0, end);
                await Fill(salt.Length, cancellation);
                _sealed.AsSpan(0, salt.Length).CopyTo(salt);
            }
            else
            {
                await using (_reader = Reader(0, salt.Length))
                {
                    await Fill(salt.Length, cancellation);
                    _sealed.AsSpan(0, salt.Length).CopyTo(salt);
                }
                var start = SegmentLayout.StoredStart(_segment);
                (_reader, _unread) = (Reader(start, end - start), default);
            }
            _cipher = new SegmentCipher(_key, salt);
        }

        FileReader Reader(long offset, long length) => _request.Backend.Connections.OpenReader(_stored, _manifest, _partStored + offset, length);

        async ValueTask Fill(int count, CancellationToken cancellation)
        {
            for (var filled = 0; filled < count;)
            {
                if (_unread.IsEmpty) _unread = await _reader!.ReadAsync(cancellation);
                if (_unread.IsEmpty) throw new CryptographicException($"The stored bytes of a version of {_stored.Key} end within a segment.");
                var taken = Math.Min(count - filled, _unread.Length);
                _unread.Span[..taken].CopyTo(_sealed.AsSpan(filled));
                _unread = _unread[taken..];
                filled += taken;
            }
        }
    }
}
