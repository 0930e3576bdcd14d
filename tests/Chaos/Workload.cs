using System.Text.RegularExpressions;
using OrleansDfs.Linearizability;

namespace OrleansDfs.Chaos;

/// <summary>
/// Clients that put, get, delete, copy, upload in parts and list on a few keys, through all gateways in turn, and write down what they saw. Every
/// round has keys of its own, so that histories stay short enough to be decided; the keys of earlier rounds are only read. Every third key is in a
/// bucket that keeps versions.
/// </summary>
sealed partial class Workload(S3Requests s3, Contents contents, History history, int seed, int keys)
{
    public const string Bucket = "chaos";
    public const string VersionedBucket = "chaos-versioned";
    private const int Part = 5 * 1024 * 1024;

    private readonly KeyRequests _requests = new(s3, contents, history);

    public VersionedKeys Versions => field ??= new VersionedKeys(s3, _requests, contents, history);

    public static string Key(int round, int number) => $"{(number % 3 == 2 ? VersionedBucket : Bucket)}/round-{round:0000}/key-{number:00}";

    public static bool IsVersioned(string key) => key.StartsWith($"{VersionedBucket}/", StringComparison.Ordinal);

    public async Task RunAsync(int round, int clients, TimeSpan pause, CancellationToken stop) =>
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => ClientAsync(round, client, pause, stop)));

    /// <summary>Reads a key until it has an answer that says something; <c>null</c>: never within the tries.</summary>
    public async Task<KeyOperation?> ReadSurelyAsync(string key, int tries)
    {
        for (var i = 0; i < tries; i++)
        {
            if (await _requests.GetAsync(key, VersionedKeys.AuditClient, gateway: i) is { Result: not KeyResult.Unknown } read) return read;
            await Task.Delay(500);
        }
        return null;
    }

    private async Task ClientAsync(int round, int client, TimeSpan pause, CancellationToken stop)
    {
        // Not HashCode: that is another in every process.
        var random = new Random(unchecked((seed * 1009 + round) * 1009 + client));
        while (!stop.IsCancellationRequested)
        {
            var key = Key(round, random.Next(keys));
            var gateway = random.Next(s3.Gateways);
            if (random.Next(100) < 4) await ListAsync(random.Next(3) == 0 ? VersionedBucket : Bucket, round, client, gateway);
            else if (IsVersioned(key)) await Versions.StepAsync(key, client, gateway, random);
            else await StepAsync(round, key, client, gateway, random);
            await Task.Delay(pause, CancellationToken.None);
        }
    }

    private async Task StepAsync(int round, string key, int client, int gateway, Random random)
    {
        switch (random.Next(100))
        {
            case < 22: await _requests.PutAsync(key, client, gateway, contents.Make(Size(random)), KeyCondition.None); break;
            case < 30: await _requests.PutAsync(key, client, gateway, contents.Make(Size(random)), KeyCondition.IfAbsent); break;
            case < 38 when _requests.Seen(key) is { } seen:
                await _requests.PutAsync(key, client, gateway, contents.Make(Size(random)), KeyCondition.IfCurrent(seen.Number));
                break;
            case < 48: await _requests.DeleteAsync(key, client, gateway); break;
            case < 51: await MultipartAsync(key, client, gateway, contents.Make(Part + random.Next(1, 200_000), Part)); break;
            case < 56: await CopyAsync(Key(round, random.Next(keys)), key, client, gateway); break;
            case < 69: await _requests.GetAsync(key, client, gateway, random); break;
            default: await _requests.GetAsync(key, client, gateway); break;
        }
    }

    /// <summary>Around page borders, more than a record, and small; never so small that two contents could be equal.</summary>
    private static int Size(Random random) => random.Next(10) switch
    {
        0 => random.Next(1, 3) * 64 * 1024 + random.Next(-1, 2),
        1 => random.Next(200_000, 2_500_000),
        < 5 => random.Next(16, 2000),
        _ => random.Next(2000, 100_000),
    };

    private async Task MultipartAsync(string key, int client, int gateway, Content content)
    {
        var begin = await s3.SendAsync(gateway, HttpMethod.Post, $"/{key}?uploads", null, ("x-amz-meta-number", $"{content.Number}"));
        history.Answer("begin upload", begin.Status);
        if (begin.Status != 200) return;
        var upload = UploadId().Match(begin.Text).Groups[1].Value;
        var parts = "";
        foreach (var (bytes, number) in content.Bytes.Chunk(Part).Select((bytes, i) => (bytes, i + 1)))
        {
            // The next gateway: parts of one upload come by different ways.
            var part = await s3.SendAsync(gateway + number, HttpMethod.Put, $"/{key}?partNumber={number}&uploadId={upload}", bytes);
            history.Answer("part", part.Status);
            if (part.Status != 200) return;
            parts += $"<Part><PartNumber>{number}</PartNumber><ETag>{part.Header("ETag")}</ETag></Part>";
        }
        var document = System.Text.Encoding.UTF8.GetBytes($"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Post, $"/{key}?uploadId={upload}", document);
        var done = answer.Status == 200 && answer.Text.Contains("CompleteMultipartUploadResult", StringComparison.Ordinal);
        _requests.Wrote("complete", key, new(client, began, History.Now, KeyAction.Put, content.Number, done ? KeyResult.Done : KeyResult.Unknown),
            answer);
    }

    /// <summary>A copy on condition that the source is what was seen, so that what is written is known; it is a read of the source too.</summary>
    private async Task CopyAsync(string source, string key, int client, int gateway)
    {
        if (source == key || _requests.Seen(source) is not { PartSize: 0 } content) return;
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Put, $"/{key}", null,
            ("x-amz-copy-source", $"/{source}"), ("x-amz-copy-source-if-match", $"\"{content.ETag}\""));
        if (answer.Status is 404 or 412)
        {
            history.Answer("copy", answer.Status);
            return;
        }
        var done = answer.Status == 200 && answer.Text.Contains("CopyObjectResult", StringComparison.Ordinal);
        var ended = History.Now;
        if (done) history.Add(source, new(client, began, ended, KeyAction.Get, content.Number, KeyResult.Done));
        _requests.Wrote("copy", key, new(client, began, ended, KeyAction.Put, content.Number, done ? KeyResult.Done : KeyResult.Unknown), answer);
    }

    /// <summary>A listing is a read of every key of its prefix.</summary>
    private async Task ListAsync(string bucket, int round, int client, int gateway)
    {
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Get, $"/{bucket}?list-type=2&prefix=round-{round:0000}%2F");
        var ended = History.Now;
        history.Answer("list", answer.Status);
        if (answer.Status != 200) return;
        var listed = Entry().Matches(answer.Text)
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Replace("&quot;", "", StringComparison.Ordinal));
        foreach (var key in Enumerable.Range(0, keys).Select(i => Key(round, i)).Where(k => k.StartsWith($"{bucket}/", StringComparison.Ordinal)))
        {
            var missing = new KeyOperation(client, began, ended, KeyAction.Get, 1, KeyResult.Missing);
            if (!listed.TryGetValue(key[(bucket.Length + 1)..], out var etag)) history.Add(key, missing);
            else if (contents.FindByETag(etag) is { } number) history.Add(key, missing with { Value = number, Result = KeyResult.Done });
            else history.Violation($"list {key}: an ETag {etag} that nobody wrote");
        }
    }

    [GeneratedRegex("<UploadId>(.*?)</UploadId>")]
    private static partial Regex UploadId();

    [GeneratedRegex("<Key>(.*?)</Key>.*?<ETag>(.*?)</ETag>", RegexOptions.Singleline)]
    private static partial Regex Entry();
}
