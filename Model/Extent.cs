namespace OrleansDfs.Model;

/// <summary>
/// A run of records of one blob inside one chunk: physical bytes <c>[Start, End)</c> hold <c>Length</c> bytes of payload.
/// All records of a run but the last are full (<see cref="RecordLayout.MaxPayload"/>), and all have headers of one size, so a reader
/// finds any payload byte by arithmetic alone; <see cref="ExtentLayout"/> does it.
/// </summary>
public readonly record struct Extent(ChunkId Chunk, long Start, long End, long Length);
