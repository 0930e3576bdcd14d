using System.Buffers.Binary;
using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.Replication.Wire;

/// <summary>Writes fields one behind the other, little endian, into memory that grows; control messages are small.</summary>
public ref struct WireWriter
{
    private byte[] _bytes;
    private int _at;

    public WireWriter(int sizeHint)
    {
        _bytes = new byte[sizeHint];
    }

    public void U8(byte value) => Next(1)[0] = value;
    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Next(2), value);
    public void I32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Next(4), value);
    public void I64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Next(8), value);
    public void Guid(Guid value) => value.TryWriteBytes(Next(16), bigEndian: true, out _);
    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Next(value.Length));

    /// <summary>Bytes that version 1 writes as 0.</summary>
    public void Reserved(int count) => Next(count).Clear();

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        U16(checked((ushort)length));
        Encoding.UTF8.GetBytes(value, Next(length));
    }

    public void File(ReplicaFile file)
    {
        I64(file.Chunk.Value);
        I64(file.Epoch);
    }

    public readonly byte[] ToArray() => _at == _bytes.Length ? _bytes : _bytes[.._at];

    private Span<byte> Next(int count)
    {
        if (_bytes.Length - _at < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _at + count));
        var span = _bytes.AsSpan(_at, count);
        _at += count;
        return span;
    }
}

/// <summary>Reads what <see cref="WireWriter"/> wrote; anything short is a <see cref="WireException"/>.</summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public byte U8() => Next(1)[0];
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Next(2));
    public int I32() => BinaryPrimitives.ReadInt32LittleEndian(Next(4));
    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Next(8));
    public Guid Guid() => new(Next(16), bigEndian: true);
    public ReadOnlySpan<byte> Bytes(int count) => Next(count);
    public void Reserved(int count) => Next(count);
    public string Text() => Encoding.UTF8.GetString(Next(U16()));
    public ReplicaFile File() => new(new ChunkId(I64()), I64());

    /// <summary>A number of items that follow.</summary>
    public int Count(int most)
    {
        var count = I32();
        if (count < 0 || count > most) throw new WireException($"A list of {count} items is longer than {most}.");
        return count;
    }

    /// <summary>A message that goes on behind its end is as malformed as one cut short.</summary>
    public readonly void End()
    {
        if (!_left.IsEmpty) throw new WireException($"{_left.Length} bytes behind the end of a message.");
    }

    private ReadOnlySpan<byte> Next(int count)
    {
        if (_left.Length < count) throw new WireException("A message is cut short.");
        var span = _left[..count];
        _left = _left[count..];
        return span;
    }
}
