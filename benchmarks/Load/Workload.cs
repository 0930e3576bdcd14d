using System.Globalization;
using System.Text;

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
/// each key is deleted once; reads take a fixed set that <see cref="Fill"/> makes first.
/// </summary>
sealed class Workload(Target target, string bucket)
{
    const int PartSize = 8 << 20;
    const int PartsOfMultipart = 8;

    /// <summary>Bytes of one multipart upload.</summary>
    public const long MultipartSize = (long)PartSize * PartsOfMultipart;

    static readonly byte[] _content = RandomBytes();

    readonly Dictionary<long, int> _filled = [];
    readonly Dictionary<long, int> _made = [];
    readonly Dictionary<long, int> _deleted = [];
    readonly Lock _lock = new();

    /// <exception cref="IOException">The bucket cannot be made.</exception>
    public async Task CreateBucket()
    {
        using var connection = new Connection(target);
        var made = await connection.Send("PUT", $"/{bucket}", "", default, 0, keepBody: true);
        if (made.Status is not (200 or 409)) throw new IOException($"{target.Name}: PUT /{bucket} answered {made.Status}: {made.Body}");
    }

    /// <summary>Makes the files that reads read: up to 1,000 of a size, up to 256 MiB of them.</summary>
    public async Task Fill(long size)
    {
        if (_filled.ContainsKey(size)) return;
        var count = (int)Math.Clamp((256L << 20) / size, 4, 1000);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var connection = new Connection(target);
            while (Interlocked.Increment(ref next) is var n && n < count)
            {
                var put = await connection.Send("PUT", Path("read", size, n), "", _content, size, keepBody: true);
                if (put.Status != 200) throw new IOException($"{target.Name}: PUT of {size} bytes answered {put.Status}: {put.Body}");
            }
        }));
        _filled[size] = count;
    }

    /// <summary>Are there keys left for this work? A delete ends when all that was put is gone.</summary>
    public bool HasMore(Work work, long size)
    {
        lock (_lock) return work != Work.Delete || _deleted.GetValueOrDefault(size) < _made.GetValueOrDefault(size);
    }

    /// <summary>One operation; an answer that is not a success is one with its status.</summary>
    public ValueTask<Answer> Run(Connection connection, Work work, long size, Random random) => work switch
    {
        Work.Put => connection.Send("PUT", Path("put", size, Next(_made, size)), "", _content, size, keepBody: false),
        Work.Get => connection.Send("GET", Path("read", size, random.Next(_filled[size])), "", default, null, keepBody: false),
        Work.Head => connection.Send("HEAD", Path("read", size, random.Next(_filled[size])), "", default, null, keepBody: false),
        Work.List => connection.Send("GET", $"/{bucket}", "list-type=2&max-keys=1000", default, null, keepBody: false),
        Work.ListDelimited => connection.Send("GET", $"/{bucket}", "delimiter=%2F&list-type=2&prefix=put%2F", default, null, keepBody: false),
        Work.Delete => connection.Send("DELETE", Path("put", size, Next(_deleted, size)), "", default, null, keepBody: false),
        Work.Multipart => Multipart(connection, size),
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

    async ValueTask<Answer> Multipart(Connection connection, long size)
    {
        var path = Path("multipart", size, Next(_made, -1));
        var created = await connection.Send("POST", path, "uploads=", default, 0, keepBody: true);
        if (created.Status != 200) return created;
        var upload = created.Body.Split("<UploadId>")[1].Split("</UploadId>")[0];
        var complete = new StringBuilder("<CompleteMultipartUpload>");
        for (var part = 1; part <= PartsOfMultipart; part++)
        {
            var query = $"partNumber={part}&uploadId={Uri.EscapeDataString(upload)}";
            var sent = await connection.Send("PUT", path, query, _content, PartSize, keepBody: false);
            if (sent.Status != 200) return sent;
            complete.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{part}</PartNumber><ETag>{sent.ETag}</ETag></Part>");
        }
        var document = Encoding.UTF8.GetBytes(complete.Append("</CompleteMultipartUpload>").ToString());
        var done = await connection.Send("POST", path, $"uploadId={Uri.EscapeDataString(upload)}", document, document.Length, keepBody: true);
        var isDone = done.Status == 200 && !done.Body.Contains("<Error>", StringComparison.Ordinal);
        return new Answer(isDone ? 200 : Math.Max(done.Status, 500), MultipartSize, "", "");
    }

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
        new Random(1).NextBytes(bytes); // nothing that a server could compress
        return bytes;
    }
}
