namespace OrleansDfs.Model;

/// <summary>One contiguous read of whole pages of one record, and what part of their payload is wanted.</summary>
/// <param name="Offset">Physical offset of the first page in the chunk file.</param>
/// <param name="Length">Physical bytes to read: pages and their checksums.</param>
/// <param name="Payload">Payload bytes in those pages.</param>
/// <param name="Skip">Payload bytes to drop at the front.</param>
/// <param name="Take">Payload bytes wanted after <paramref name="Skip"/>.</param>
public readonly record struct PageRun(long Offset, int Length, int Payload, int Skip, int Take);

/// <summary>
/// Arithmetic over an extent. The size of the record headers is not stored: physical size minus payload minus checksums leaves exactly the
/// headers, which are alike (<see cref="Extent"/>). A remainder means that the extent does not describe records, and is refused.
/// </summary>
public readonly struct ExtentLayout
{
    private readonly Extent _extent;
    private readonly int _headerSize;

    public ExtentLayout(Extent extent)
    {
        if (extent.Length <= 0 || extent.Start < RecordLayout.ChunkHeaderSize || extent.End <= extent.Start)
            throw new InvalidDataException($"Extent {extent} is empty or out of order.");
        var records = (extent.Length + RecordLayout.MaxPayload - 1) / RecordLayout.MaxPayload;
        var last = (int)(extent.Length - (records - 1) * RecordLayout.MaxPayload);
        var bodies = (records - 1) * RecordLayout.BodySize(RecordLayout.MaxPayload) + RecordLayout.BodySize(last);
        var headers = extent.End - extent.Start - bodies;
        if (headers <= 0 || headers % records != 0 || headers / records is < RecordLayout.FixedHeaderSize or > RecordLayout.MaxHeaderSize)
            throw new InvalidDataException($"Extent {extent} does not describe a run of records.");
        _extent = extent;
        _headerSize = (int)(headers / records);
    }

    public int HeaderSize => _headerSize;

    /// <summary>The pages of the record that holds payload byte <paramref name="position"/>, from that byte's page on, for at most
    /// <paramref name="count"/> bytes; never past the record's end. Call again with the position after <see cref="PageRun.Take"/>.</summary>
    public PageRun Locate(long position, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, _extent.Length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var record = position / RecordLayout.MaxPayload;
        var inRecord = (int)(position - record * RecordLayout.MaxPayload);
        var recordPayload = (int)Math.Min(RecordLayout.MaxPayload, _extent.Length - record * RecordLayout.MaxPayload);
        var take = (int)Math.Min(count, recordPayload - inRecord);
        var firstPage = inRecord / RecordLayout.PageSize;
        var lastPage = (inRecord + take - 1) / RecordLayout.PageSize;
        var payloadStart = firstPage * RecordLayout.PageSize;
        var payloadEnd = Math.Min(recordPayload, (lastPage + 1) * RecordLayout.PageSize);
        var recordStart = _extent.Start + record * (_headerSize + (long)RecordLayout.BodySize(RecordLayout.MaxPayload));
        return new PageRun(
            recordStart + _headerSize + (long)firstPage * RecordLayout.PageStride,
            payloadEnd - payloadStart + (lastPage - firstPage + 1) * RecordLayout.ChecksumSize,
            payloadEnd - payloadStart,
            inRecord - payloadStart,
            take);
    }

    /// <summary>Joins <paramref name="next"/> to <paramref name="run"/> where both make one run of like records.</summary>
    public static bool TryJoin(Extent run, Extent next, out Extent joined)
    {
        joined = default;
        if (run.Chunk != next.Chunk || run.End != next.Start || run.Length % RecordLayout.MaxPayload != 0) return false;
        if (new ExtentLayout(run).HeaderSize != new ExtentLayout(next).HeaderSize) return false;
        joined = new Extent(run.Chunk, run.Start, next.End, run.Length + next.Length);
        return true;
    }
}
