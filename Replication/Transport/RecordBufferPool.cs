using System.Collections.Concurrent;
using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>
/// The record buffers of one use in one process: pinned, of two sizes, never more than the given number of each, so memory is bounded whatever the
/// number of
/// requests; who finds none waits. Invariant that keeps a cluster from standing still: a pool whose holders wait for other nodes (writers, a
/// primary's appends) is never the pool that others' progress needs (a secondary's replicates), so a node has one pool per use.
/// </summary>
public sealed class RecordBufferPool
{
    /// <summary>Size of a small buffer: a record of one page with the largest header.</summary>
    public const int SmallSize = RecordLayout.MaxHeaderSize + RecordLayout.PageStride;

    private readonly SizeClass _small;
    private readonly SizeClass _large;

    /// <param name="largeBuffers">Most buffers of <see cref="RecordLayout.MaxRecordSize"/> bytes in use at once.</param>
    /// <param name="smallBuffers">Most buffers of <see cref="SmallSize"/> bytes in use at once.</param>
    public RecordBufferPool(int largeBuffers, int smallBuffers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largeBuffers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(smallBuffers);
        _large = new SizeClass(RecordLayout.MaxRecordSize, largeBuffers);
        _small = new SizeClass(SmallSize, smallBuffers);
    }

    /// <summary>Buffers handed out and not yet given back.</summary>
    public int InUse => _small.InUse + _large.InUse;

    /// <summary>A buffer of at least <paramref name="size"/> bytes (at most <see cref="RecordLayout.MaxRecordSize"/>); waits while all are in use.
    /// Contents are
    /// whatever the last user left. Dispose it to give it back.</summary>
    public async ValueTask<RecordBuffer> RentAsync(int size, CancellationToken cancellationToken)
    {
        var sizeClass = ClassOf(size);
        await sizeClass.Free.WaitAsync(cancellationToken);
        return sizeClass.Take(size);
    }

    /// <summary>As <see cref="RentAsync"/>, but null instead of waiting.</summary>
    public RecordBuffer? TryRent(int size)
    {
        var sizeClass = ClassOf(size);
        return sizeClass.Free.Wait(0) ? sizeClass.Take(size) : null;
    }

    private SizeClass ClassOf(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, RecordLayout.MaxRecordSize);
        return size <= SmallSize ? _small : _large;
    }

    internal sealed class SizeClass(int bufferSize, int buffers)
    {
        private readonly ConcurrentStack<byte[]> _idle = new();

        public SemaphoreSlim Free { get; } = new(buffers, buffers);

        public int InUse => buffers - Free.CurrentCount;

        public RecordBuffer Take(int size)
        {
            if (!_idle.TryPop(out var array)) array = GC.AllocateUninitializedArray<byte>(bufferSize, pinned: true);
            return new RecordBuffer(this, array, size);
        }

        public void Return(byte[] array)
        {
            _idle.Push(array);
            Free.Release();
        }
    }
}

/// <summary>A buffer out of a <see cref="RecordBufferPool"/>. Disposing gives it back; disposing twice does nothing.</summary>
public sealed class RecordBuffer : IDisposable
{
    private readonly RecordBufferPool.SizeClass? _owner;
    private byte[]? _array;
    private int _length;

    internal RecordBuffer(RecordBufferPool.SizeClass? owner, byte[] array, int length)
    {
        _owner = owner;
        _array = array;
        _length = length;
    }

    /// <summary>A copy outside any pool, for a node in the same process: it changes the record in place, and its writer may need the original
    /// again.</summary>
    public static RecordBuffer CopyOf(ReadOnlyMemory<byte> record) => new(null, record.ToArray(), record.Length);

    /// <summary>Bytes of the buffer that hold the record; at most <see cref="Capacity"/>.</summary>
    public int Length
    {
        get => _length;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Capacity);
            _length = value;
        }
    }

    public int Capacity => Array.Length;

    /// <summary>All of the buffer.</summary>
    public Memory<byte> Memory => Array;

    /// <summary>The first <see cref="Length"/> bytes.</summary>
    public Memory<byte> Record => Array.AsMemory(0, _length);

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(RecordBuffer));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is { } array) _owner?.Return(array);
    }
}
