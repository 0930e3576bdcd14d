using System.Buffers.Binary;

namespace OrleansDfs.Replication.Wire;

/// <summary>What a frame is about. Values travel on the wire (docs/formats/wire.md): never renumber.</summary>
public enum Opcode : byte
{
    Hello = 1,
    Challenge = 2,
    Proof = 3,
    Welcome = 4,

    Create = 16,
    Append = 17,
    Replicate = 18,
    Close = 19,
    Read = 20,
    Truncate = 21,
    Delete = 22,
    Copy = 23,
    Verify = 24,
    Inventory = 25,
    Status = 26,
}

/// <summary>The other side does not speak the protocol. The connection is closed; nothing is answered.</summary>
public sealed class WireException(string message) : Exception(message);

/// <summary>The 16 bytes before each body: <c>[u32 body length][u8 opcode][u8 flags][u16 reserved][u64 request id]</c>, little endian.</summary>
public readonly record struct FrameHead(int Length, Opcode Opcode, bool IsAnswer, ulong RequestId)
{
    public const int Size = 16;

    /// <summary>Longest body; a record with its fields fits with room to spare.</summary>
    public const int MaxLength = 2 * 1024 * 1024;

    /// <summary>Every answer's body begins with <c>[u16 status][6 bytes 0]</c>.</summary>
    public const int AnswerPrefixSize = 8;

    private const byte AnswerFlag = 1;

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Length);
        bytes[4] = (byte)Opcode;
        bytes[5] = IsAnswer ? AnswerFlag : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], RequestId);
    }

    /// <exception cref="WireException">Too long, or bits set that version 1 does not know.</exception>
    public static FrameHead Read(ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length > MaxLength) throw new WireException($"A frame of {length} bytes is longer than {MaxLength}.");
        if ((bytes[5] & ~AnswerFlag) != 0 || BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) != 0)
            throw new WireException("A frame has unknown flags.");
        return new FrameHead((int)length, (Opcode)bytes[4], bytes[5] != 0, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }
}
