namespace OrleansDfs.Replication.Wire;

/// <summary>A frame on its way out: head and small fields in one array, and a payload that is sent from where it lies.</summary>
public abstract class OutgoingFrame
{
    /// <summary>The frame's head and fields; its length field counts the payload too.</summary>
    public required byte[] Head { get; init; }

    public ReadOnlyMemory<byte> Payload { get; init; }

    public int Size => Head.Length + Payload.Length;

    /// <summary>Head and fields of a request.</summary>
    public static byte[] RequestHead(Opcode opcode, ulong requestId, ReadOnlySpan<byte> fields, int payload)
    {
        var bytes = new byte[FrameHead.Size + fields.Length];
        new FrameHead(fields.Length + payload, opcode, false, requestId).Write(bytes);
        fields.CopyTo(bytes.AsSpan(FrameHead.Size));
        return bytes;
    }

    /// <summary>Head, status and fields of an answer.</summary>
    public static byte[] AnswerHead(Opcode opcode, ulong requestId, ChunkStatus status, ReadOnlySpan<byte> fields, int payload)
    {
        const int before = FrameHead.Size + FrameHead.AnswerPrefixSize;
        var bytes = new byte[before + fields.Length];
        new FrameHead(FrameHead.AnswerPrefixSize + fields.Length + payload, opcode, true, requestId).Write(bytes);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(FrameHead.Size), (ushort)status);
        fields.CopyTo(bytes.AsSpan(before));
        return bytes;
    }

    /// <summary>Asked once, right before the first byte goes out; false drops the frame, and <see cref="Sent"/> is not called.</summary>
    public virtual bool TryBeginSend() => true;

    /// <summary>The memory is no longer needed: all bytes are with the kernel, or the connection broke and they will never go.</summary>
    public abstract void Sent();
}
