using OrleansDfs.Model;

namespace OrleansDfs.Replication.Wire;

/// <summary>
/// What stands behind the status of an answer, byte for byte as in docs/formats/wire.md. An answer that is not Ok may carry nothing; the readers then
/// fill in zeros, so that a call that failed on the way reads the same.
/// </summary>
public static class AnswerCodec
{
    public static byte[] Append(AppendResult result)
    {
        var writer = new WireWriter(16);
        writer.I64(result.Start);
        writer.I64(result.End);
        return writer.ToArray();
    }

    public static AppendResult ReadAppend(ChunkStatus status, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return NotOk(status, AppendResult.Failed(status));
        var reader = new WireReader(body);
        var result = new AppendResult(status, reader.I64(), reader.I64());
        reader.End();
        return result;
    }

    /// <summary>Close and verify: one number.</summary>
    public static byte[] Number(long value)
    {
        var writer = new WireWriter(8);
        writer.I64(value);
        return writer.ToArray();
    }

    public static CloseResult ReadClose(ChunkStatus status, ReadOnlySpan<byte> body) => new(status, ReadNumber(status, body));

    public static VerifyResult ReadVerify(ChunkStatus status, ReadOnlySpan<byte> body) => new(status, ReadNumber(status, body));

    public static ChunkStatus ReadStatusOnly(ChunkStatus status, ReadOnlySpan<byte> body) =>
        body.IsEmpty ? status : throw new WireException("An answer carries more than its status.");

    public static byte[] Copy(CopyResult result)
    {
        var writer = new WireWriter(64);
        writer.I64(result.BytesRead);
        writer.I32(result.BadSources.Count);
        foreach (var source in result.BadSources) writer.Guid(source.Value);
        return writer.ToArray();
    }

    public static CopyResult ReadCopy(ChunkStatus status, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return NotOk(status, new CopyResult(status, 0, []));
        var reader = new WireReader(body);
        var bytes = reader.I64();
        var bad = new NodeId[reader.Count(64)];
        for (var i = 0; i < bad.Length; i++) bad[i] = new NodeId(reader.Guid());
        reader.End();
        return new CopyResult(status, bytes, bad);
    }

    public static byte[] Inventory(InventoryPage page)
    {
        var writer = new WireWriter(8 + page.Items.Count * 25);
        writer.I32(page.Items.Count);
        writer.U8(page.More ? (byte)1 : (byte)0);
        writer.Reserved(3);
        foreach (var item in page.Items)
        {
            writer.File(item.File);
            writer.I64(item.Length);
            writer.U8(item.Open ? (byte)1 : (byte)0);
        }
        return writer.ToArray();
    }

    public static InventoryPage ReadInventory(ChunkStatus status, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return NotOk(status, new InventoryPage(status, [], false));
        var reader = new WireReader(body);
        var items = new InventoryItem[reader.Count(InventoryPage.MaxItems)];
        var more = reader.U8() != 0;
        reader.Reserved(3);
        for (var i = 0; i < items.Length; i++) items[i] = new InventoryItem(reader.File(), reader.I64(), reader.U8() != 0);
        reader.End();
        return new InventoryPage(status, items, more);
    }

    public static byte[] Status(NodeStatus status)
    {
        var writer = new WireWriter(48);
        writer.I64(status.Incarnation);
        writer.I64(status.TotalBytes);
        writer.I64(status.FreeBytes);
        writer.U8(status.ReadOnly ? (byte)1 : (byte)0);
        writer.U8(status.FsyncFailed ? (byte)1 : (byte)0);
        writer.Reserved(6);
        writer.I64(status.ReplicaCount);
        writer.I64(status.PendingBytes);
        return writer.ToArray();
    }

    public static NodeStatus ReadStatus(ChunkStatus status, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return NotOk(status, new NodeStatus(status, 0, 0, 0, false, false, 0, 0));
        var reader = new WireReader(body);
        var incarnation = reader.I64();
        var total = reader.I64();
        var free = reader.I64();
        var readOnly = reader.U8() != 0;
        var fsyncFailed = reader.U8() != 0;
        reader.Reserved(6);
        var result = new NodeStatus(status, incarnation, total, free, readOnly, fsyncFailed, reader.I64(), reader.I64());
        reader.End();
        return result;
    }

    private static long ReadNumber(ChunkStatus status, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return NotOk(status, 0L);
        var reader = new WireReader(body);
        var number = reader.I64();
        reader.End();
        return number;
    }

    // An Ok without its numbers must not be taken for a length of 0.
    private static T NotOk<T>(ChunkStatus status, T result) =>
        status != ChunkStatus.Ok ? result : throw new WireException("An Ok answer lacks its body.");
}
