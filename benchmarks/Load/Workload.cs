using System.Globalization;

namespace OrleansDfs.Load;

/// <summary>What one connection does over and over.</summary>
enum Work
{
    Put,
    Get,
    Head,
    List,
    ListDelimited,
    Delete,
    Multipart,
    Mixed,
}

/// <summary>
/// The keys of one target and the operations on them. Keys are spread over 100 folders. Deletes take the keys that puts of the same size made, so
/// each key is deleted once; reads and listings take fixed sets that <see cref="Prepare"/> makes first. Listings have a bucket of their own, so
/// that a page costs the same whatever else ran before.
/// </summary>
/// <param name="listKeys">Keys of the bucket that is listed.</param>
sealed class Workload(Target target, string bucket, int listKeys)
{
    const int PartSize = 8 << 20;
    const int KeysOfPage = 1000;

    /// <summary>1 MiB that no server can compress.</summary>
    public static readonly byte[] Content = RandomBytes();


    readonly Dictionary<long, int> _filled = [];
    readonly Dictionary<long, int> _made = [];
    readonly Dictionary<long, int> _deleted = [];
    readonly Lock _lock = new();
    readonly string _listBucket = $"{bucket}-list";
    bool _isListFilled;

    /// <summary>Does this target have such an operation?</summary>
    public bool Has(Work work) => !target.IsPlain || work is Work.Get or Work.Head;

    /// <summary>Makes the buckets; those that are there already will do.</summary>
    /// <exception cref="IOException">A bucket cannot be made.</exception>
    public async Task CreateBuckets()
    {
        if (target.IsPlain) return;
        using var connection = new Connection(target);
        foreach (var name in new[] { bucket, _listBucket })
        {
            var made = await connection.Send("PUT", $"/{name}", "", default, 0, keepBody: true);
            if (made.Status is not (200 or 409)) throw new IOException($"{target.Name}: PUT /{name} answered {made.Status}: {made.Body}");
        }
    }

    /// <summary>Makes what the work reads, lists or deletes.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public async Task Prepare(Work work, long size)
    {
        if (work is Work.Get or Work.Head or Work.Mixed && !_filled.ContainsKey(size))
        {
            var count = (int)Math.Clamp((256L << 20) / size, 4, 1000);
            await Fill(count, n => Path("read", size, n), size);
            _filled[size] = count;
        }
        if (work is Work.List or Work.ListDelimited or Work.Mixed && !_isListFilled)
        {
            await Fill(listKeys, ListPath, 1);
            _isListFilled = true;
        }
        if (work == Work.Delete && !HasMore(work, size))
            await Fill(KeysOfPage, n => Path("put", size, Next(_made, size)), size);
    }

    async Task Fill(int count, Func<int, string> path, long size)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var connection = new Connection(target);
            while (Interlocked.Increment(ref next) is var n && n < count)
            {
                var where = path(n);
                for (var tries = 0; ; tries++)
                {
                    var put = await connection.Send("PUT", where, "", Content, size, keepBody: true);
                    if (put.Status is >= 200 and < 300) break;
                    if (put.Status != 503 || tries == 5) throw new IOException($"{target.Name}: PUT {where} answered {put.Status}: {put.Body}");
                    await Task.Delay(200); // 503: slow down
                }
            }
        }));
    }

    /// <summary>Are there keys left for this work? A delete ends when all that was put is gone.</summary>
    public bool HasMore(Work work, long size)
    {
        lock (_lock) return work != Work.Delete || _deleted.GetValueOrDefault(size) < _made.GetValueOrDefault(size);
    }

    /// <summary>One operation; an answer that is not a success is one with its status.</summary>
    public ValueTask<Answer> Run(Connection connection, Work work, long size, Random random) => work switch
    {
        Work.Put => connection.Send("PUT", Path("put", size, Next(_made, size)), "", Content, size, keepBody: false),
        Work.Get => connection.Send("GET", Path("read", size, random.Next(_filled[size])), "", default, null, keepBody: false),
        Work.Head => connection.Send("HEAD", Path("read", size, random.Next(_filled[size])), "", default, null, keepBody: false),
        Work.List => connection.Send("GET", $"/{_listBucket}", ListQuery(random), default, null, keepBody: false),
        Work.ListDelimited => connection.Send("GET", $"/{_listBucket}", "delimiter=%2F&list-type=2", default, null, keepBody: false),
        Work.Delete => connection.Send("DELETE", Path("put", size, Next(_deleted, size)), "", default, null, keepBody: false),
        Work.Multipart => Upload(connection, Path("multipart", size, Next(_made, -size)), size),
        _ => Run(connection, Draw(random), size, random),
    };

    /// <summary>The mix of a web application's store.</summary>
    static Work Draw(Random random) => random.Next(100) switch
    {
        < 55 => Work.Get,
        < 75 => Work.Put,
        < 90 => Work.Head,
        < 95 => Work.List,
        _ => Work.ListDelimited,
    };

    static async ValueTask<Answer> Upload(Connection connection, string path, long size)
    {
        var (created, upload) = await Multipart.Start(connection, path);
        if (created.Status != 200) return created;
        var tags = new List<string>();
        for (var left = size; left > 0; left -= PartSize)
        {
            var sent = await Multipart.Part(connection, path, upload, tags.Count + 1, Content, Math.Min(left, PartSize));
            if (sent.Status != 200) return sent;
            tags.Add(sent.ETag);
        }
        return await Multipart.Complete(connection, path, upload, tags);
    }

    /// <summary>A page from anywhere in the bucket, full wherever it starts.</summary>
    string ListQuery(Random random)
    {
        var place = random.Next(Math.Max(1, listKeys - KeysOfPage));
        var perFolder = (listKeys + 99) / 100;
        return string.Create(
            CultureInfo.InvariantCulture, $"list-type=2&max-keys={KeysOfPage}&start-after={place / perFolder:00}%2F{place % perFolder:0000000}");
    }

    string ListPath(int n) => string.Create(CultureInfo.InvariantCulture, $"/{_listBucket}/{n % 100:00}/{n / 100:0000000}");

    string Path(string folder, long size, int n) => string.Create(CultureInfo.InvariantCulture, $"/{bucket}/{folder}/{n % 100:00}/{size}-{n}");

    int Next(Dictionary<long, int> counters, long size)
    {
        lock (_lock)
        {
            var n = counters.GetValueOrDefault(size);
            counters[size] = n + 1;
            return n;
        }
    }

    static byte[] RandomBytes()
    {
        var bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
