using OrleansDfs.Model;

namespace OrleansDfs.Node;

/// <summary>A live record's place in the old chunk.</summary>
/// <param name="Extent">Number of its extent in the list given.</param>
internal readonly record struct RecordPlace(int Extent, BlobId Blob, long Offset, int Size);

/// <summary>Live records that are read at once: as many as stand close together and fit in a buffer of one record's largest size.</summary>
internal sealed record RecordBlock(long Start, int Length, IReadOnlyList<RecordPlace> Records)
{
    /// <summary>Dead bytes between two live records that cost less to read than another request.</summary>
    private const int MostGap = 64 * 1024;

    public static IEnumerable<RecordBlock> Of(IReadOnlyList<ExtentToMove> extents)
    {
        var records = new List<RecordPlace>();
        foreach (var record in Places(extents))
        {
            if (records.Count > 0 && (record.Offset - End(records[^1]) > MostGap || End(record) - records[0].Offset > RecordLayout.MaxRecordSize))
            {
                yield return Close(records);
                records = [];
            }
            records.Add(record);
        }
        if (records.Count > 0) yield return Close(records);
    }

    private static IEnumerable<RecordPlace> Places(IReadOnlyList<ExtentToMove> extents)
    {
        for (var i = 0; i < extents.Count; i++)
        {
            var (blob, extent) = extents[i];
            var header = new ExtentLayout(extent).HeaderSize;
            var at = extent.Start;
            for (var left = extent.Length; left > 0; left -= RecordLayout.MaxPayload)
            {
                var size = header + RecordLayout.BodySize((int)Math.Min(left, RecordLayout.MaxPayload));
                yield return new RecordPlace(i, blob, at, size);
                at += size;
            }
        }
    }

    private static RecordBlock Close(List<RecordPlace> records) =>
        new(records[0].Offset, (int)(End(records[^1]) - records[0].Offset), records);

    private static long End(RecordPlace record) => record.Offset + record.Size;
}
