using System.Globalization;

namespace OrleansDfs.Model;

/// <summary>A chunk, numbered by the catalog's sequence; unique in the cluster for ever.</summary>
public readonly record struct ChunkId(long Value) : IComparable<ChunkId>
{
    public int CompareTo(ChunkId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    public static bool operator <(ChunkId left, ChunkId right) => left.Value < right.Value;
    public static bool operator <=(ChunkId left, ChunkId right) => left.Value <= right.Value;
    public static bool operator >(ChunkId left, ChunkId right) => left.Value > right.Value;
    public static bool operator >=(ChunkId left, ChunkId right) => left.Value >= right.Value;
}

/// <summary>A storage node: one data folder. Made once, when the folder is first used, and kept in it (PROTOCOL P1).</summary>
public readonly record struct NodeId(Guid Value)
{
    public static NodeId New() => new(Guid.NewGuid());

    public static NodeId Parse(string text) => new(Guid.ParseExact(text, "N"));

    public override string ToString() => Value.ToString("N");
}

/// <summary>The bytes of one upload (PROTOCOL P23). Drawn by the writer before the first byte is sent.</summary>
public readonly record struct BlobId(Guid Value)
{
    public static BlobId New() => new(Guid.CreateVersion7());

    public override string ToString() => Value.ToString("N");
}

/// <summary>One try to commit; an unknown outcome is looked up by it (PROTOCOL P18).</summary>
public readonly record struct AttemptId(Guid Value)
{
    public static AttemptId New() => new(Guid.CreateVersion7());

    public override string ToString() => Value.ToString("N");
}

/// <summary>A multipart upload, as S3's UploadId.</summary>
public readonly record struct UploadId(Guid Value)
{
    public static UploadId New() => new(Guid.CreateVersion7());

    public static bool TryParse(string? text, out UploadId id)
    {
        var ok = Guid.TryParseExact(text, "N", out var value);
        id = new UploadId(value);
        return ok;
    }

    public override string ToString() => Value.ToString("N");
}

/// <summary>
/// The number of a version of one file: drawn from the catalog under the key's row lock, rising within a key (PROTOCOL P15), never a clock.
/// Outside it is 16 hexadecimal digits; the version that S3 calls <c>null</c> is told apart by a flag, not by its number.
/// </summary>
public readonly record struct VersionId(long Value) : IComparable<VersionId>
{
    public static bool TryParse(string? text, out VersionId id)
    {
        id = default;
        if (text is not { Length: 16 }) return false;
        if (!long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || value <= 0) return false;
        id = new VersionId(value);
        return true;
    }

    public int CompareTo(VersionId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    public static bool operator <(VersionId left, VersionId right) => left.Value < right.Value;
    public static bool operator <=(VersionId left, VersionId right) => left.Value <= right.Value;
    public static bool operator >(VersionId left, VersionId right) => left.Value > right.Value;
    public static bool operator >=(VersionId left, VersionId right) => left.Value >= right.Value;
}

/// <summary>Names one replica file on one disk: the chunk and the epoch it was made with (PROTOCOL P3). Never used twice.</summary>
public readonly record struct ReplicaFile(ChunkId Chunk, long Epoch)
{
    public override string ToString() => $"{Chunk}.{Epoch}";
}
