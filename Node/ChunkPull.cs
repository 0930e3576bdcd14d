using System.Runtime.CompilerServices;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Node;

/// <summary>
/// Reads a sealed chunk from its sources for a repair (P27). Invariant: no byte is handed on whose record was not checked, so a bad source never
/// reaches the disk; on an
/// error or a mismatch the next source goes on at the same offset, which it may because replicas are equal byte for byte.
/// </summary>
internal sealed class ChunkPull(
    CopyRequest request, Guid clusterId, Func<NodeAddress, IChunkPeer> peers, Memory<byte> buffer, ByteRate rate,
        TimeProvider time, TimeSpan readDeadline)
{
    private readonly List<NodeId> _badSources = [];
    private int _source;

    /// <summary>Sources that gave bytes which do not match their checksums.</summary>
    public IReadOnlyList<NodeId> BadSources => _badSources;

    public long BytesRead { get; private set; }

    /// <summary>Why the pieces ended early: the last source's failure; Ok when they are complete.</summary>
    public ChunkStatus Failure { get; private set; }

    /// <summary>The chunk from byte 0 to its sealed length, or less when all sources have failed.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long at = 0;
        while (at < request.SealedLength)
        {
            var block = buffer[..(int)Math.Min(buffer.Length, request.SealedLength - at)];
            await rate.WaitAsync(block.Length, cancellationToken);
            var status = await ReadAsync(at, block, cancellationToken);
            var sound = status == ChunkStatus.Ok ? SoundPrefix(block.Span, at) : 0;
            if (sound > 0)
            {
                at += sound;
                yield return block[..sound];
                continue;
            }
            if (status == ChunkStatus.Ok)
            {
                status = ChunkStatus.Corrupt;
                _badSources.Add(request.Sources[_source].Address.Node);
            }
            if (++_source == request.Sources.Count)
            {
                Failure = status;
                yield break;
            }
        }
    }

    private async ValueTask<ChunkStatus> ReadAsync(long at, Memory<byte> block, CancellationToken cancellationToken)
    {
        var source = request.Sources[_source];
        using var deadline = new CancellationTokenSource(readDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var status = await peers(source.Address).ReadAsync(source.FileOf(request.File.Chunk), at, block, either.Token);
            if (status == ChunkStatus.Ok) BytesRead += block.Length;
            return status;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ChunkStatus.Deadline;
        }
    }

    /// <summary>Bytes at the front of the block that are whole, right records (behind the chunk's own header at 0).</summary>
    private int SoundPrefix(ReadOnlySpan<byte> block, long at)
    {
        var sound = 0;
        if (at == 0)
        {
            if (!Format.CheckChunkHeader(block, clusterId, request.File.Chunk)) return 0;
            sound = RecordLayout.ChunkHeaderSize;
        }
        while (Format.TryReadHeader(block[sound..], request.File.Chunk, at + sound, out var header) && header.RecordSize <= block.Length - sound)
        {
            if (!Format.Verify(block.Slice(sound, header.RecordSize), request.File.Chunk, at + sound)) break;
            sound += header.RecordSize;
        }
        return sound;
    }
}
