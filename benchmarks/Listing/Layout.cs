using OrleansDfs.Model;

namespace OrleansDfs.Listing;

/// <summary>A row of <c>versions</c>.</summary>
readonly record struct Row(string Key, long Version, bool IsCurrent, bool IsMarker);

/// <summary>A shape that a bucket's keys may have, and the page that is asked for.</summary>
/// <param name="Key">Key number i of n, in the order of keys.</param>
/// <param name="PerItem">Keys under each common prefix.</param>
/// <param name="Versions">Of each key.</param>
/// <param name="Marked">So much of the keys, from the front, is hidden by a delete marker.</param>
/// <param name="Deleted">So much of the keys, from the front, is deleted just before the measurement.</param>
sealed record Layout(
    string Name, Func<int, int, string> Key, string Delimiter = "", int PerItem = 1, int Versions = 1, double Marked = 0, double Deleted = 0,
    bool ListsVersions = false)
{
    public static readonly Layout[] All =
    [
        new("flat", (i, _) => $"file-{i:d8}"),
        new("few prefixes", (i, n) => $"d{i / Math.Max(1, n / 10):d2}/file-{i:d8}", "/"),
        new("many prefixes", (i, _) => $"d{i / 10:d7}/file-{i % 10}", "/", 10),
        new("flat, delimiter", (i, _) => $"file-{i:d8}", "/"),
        new("files and prefixes in turn", (i, _) => i % 2 == 0 ? $"k{i:d8}" : $"k{i:d8}/x", "/"),
        new("long prefixes", (i, _) => $"{Long}{i / 10:d7}/{new string('q', 400)}{i % 10}", "/", 10),
        new("versions", (i, _) => $"file-{i:d8}", Versions: 4, ListsVersions: true),
        new("versions, delimiter", (i, _) => $"d{i / 10:d7}/file-{i % 10}", "/", 10, Versions: 4, ListsVersions: true),
        new("90 % delete markers in front", (i, _) => $"file-{i:d8}", Versions: 1, Marked: 0.9),
        new("90 % delete markers, versions", (i, _) => $"file-{i:d8}", Versions: 1, Marked: 0.9, ListsVersions: true),
        new("90 % just deleted in front", (i, _) => $"file-{i:d8}", Deleted: 0.9),
        new("90 % just deleted, delimiter", (i, _) => $"d{i / 10:d7}/file-{i % 10}", "/", 10, Deleted: 0.9),
        new("90 % just deleted, versions", (i, _) => $"file-{i:d8}", Deleted: 0.9, ListsVersions: true),
    ];

    static readonly string Long = new string('p', 400) + "/";

    string Prefix => Name.StartsWith("long", StringComparison.Ordinal) ? Long : "";

    /// <summary>Keys of a bucket of so many rows. Those under long prefixes are 1 KB each: fewer of them.</summary>
    public int Large(int rows) => (Prefix.Length > 0 ? rows / 5 : rows) / Versions;

    /// <summary>Keys of the bucket to compare with: what is left of them just fills one page.</summary>
    public int Small
    {
        get
        {
            var rowsOfItem = ListsVersions && PerItem == 1 ? Versions : 1;
            var shown = 1 - Deleted - (ListsVersions ? 0 : Marked);
            return (int)Math.Ceiling(1000.0 * PerItem / rowsOfItem / shown);
        }
    }

    /// <summary>Rows as a bucket gets them over time: keys in no order, versions of a key far apart.</summary>
    public IEnumerable<Row> Rows(int keys, long firstVersion, Random random)
    {
        var order = Enumerable.Range(0, keys).ToArray();
        var hidden = (int)(keys * Marked);
        for (var round = 0; round < Versions; round++)
        {
            random.Shuffle(order);
            foreach (var i in order)
                yield return new Row(Key(i, keys), firstVersion + ((long)round * keys) + i, round == Versions - 1 && i >= hidden, false);
        }
        random.Shuffle(order);
        foreach (var i in order)
            if (i < hidden) yield return new Row(Key(i, keys), firstVersion + ((long)Versions * keys) + i, true, true);
    }

    /// <summary>The first key that is not deleted; every key before it is.</summary>
    public string FirstKept(int keys) => Key((int)(keys * Deleted), keys);

    public ListFilesRequest Files(BucketRef bucket, string after) => new(bucket, Prefix, Delimiter, after, 1000);

    public ListVersionsRequest VersionsPage(BucketRef bucket, string after) => new(bucket, Prefix, Delimiter, after, null, 1000);
}
