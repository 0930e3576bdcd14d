using OrleansDfs.Model;

namespace OrleansDfs.Storage.Tests;

/// <summary>Records as a primary hands them to the store.</summary>
public static class Records
{
    public static readonly Guid Cluster = new("11111111-2222-3333-4444-555555555555");
    public static readonly RecordOwner Owner = new(BucketName.Parse("photos"), ObjectKey.Parse("2024/summer/ä.jpg"));

    /// <summary>Payload sizes around the borders of pages, records and the 4 KiB pieces of a power cut; mostly small.</summary>
    public static int Size(Random random) => random.Next(20) switch
    {
        0 => RecordLayout.PageSize,
        1 => RecordLayout.PageSize + random.Next(-2, 3),
        2 => 2 * RecordLayout.PageSize + random.Next(-2, 3),
        3 => RecordLayout.PageSize - Format.HeaderSize(Owner) + random.Next(-9, 10),
        4 when random.Next(8) == 0 => RecordLayout.MaxPayload - random.Next(2),
        < 10 => 4096 - Format.HeaderSize(Owner) - RecordLayout.ChunkHeaderSize + random.Next(-9, 10),
        _ => random.Next(1, 5000),
    };

    public static byte[] Unplaced(Random random, int payload, RecordOwner? owner = null)
    {
        owner ??= Owner;
        var record = new byte[Format.RecordSize(owner, payload)];
        var header = Format.HeaderSize(owner);
        Format.WriteHeader(record, owner, new BlobId(Guid.NewGuid()), 0, payload);
        for (var page = 0; page < RecordLayout.PageCount(payload); page++)
            random.NextBytes(record.AsSpan(header + Format.PageStart(page), Format.PageLength(payload, page)));
        Format.SealPages(record.AsSpan(header), payload);
        return record;
    }

    public static byte[] Placed(Random random, ChunkId chunk, long offset, int payload)
    {
        var record = Unplaced(random, payload);
        Format.Place(record, chunk, offset);
        return record;
    }

    public static string Name(ReplicaFile file) => $"chunks/{file.Chunk.Value & 0xff:x2}/{file.Chunk}.{file.Epoch}.chunk";
}
