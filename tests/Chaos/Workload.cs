using System.Text.RegularExpressions;
using OrleansDfs.Linearizability;

namespace OrleansDfs.Chaos;

/// <summary>
/// Clients that put, get, delete, copy, upload in parts and list on a few keys, through all gateways in turn, and write down what they saw. Every
/// round has keys of its own, so that histories stay short enough to be decided; the keys of earlier rounds are only read.
/// </summary>
sealed partial class Workload(S3Requests s3, Contents contents, History history, int seed, int keys)
{
    public const string Bucket = "chaos";
    private const int Part = 5 * 1024 * 1024;

    /// <summary>What a client remembers of a key, for conditions and copies: maybe old, which is the point.</summary>
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, Content> _seen = new();

    public static string Key(int round, int number) => $"round-{round:0000}/key-{number:00}";

    public async Task RunAsync(int round, int clients, TimeSpan pause, CancellationToken stop) =>
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => ClientAsync(round, client, pause, stop)));

    /// <summary>Reads a key until it has an answer that says something; <c>null</c>: never within the tries.</summary>
    public async Task<KeyOperation?> ReadSurelyAsync(string key, int tries)
    {
        for (var i = 0; i < tries; i++)
        {
            if (await GetAsync(key, client: 99, gateway: i, range: null) is { Result: not KeyResult.Unknown } read) return read;
            await Task.Delay(500);
        }
        return null;
    }

    private async Task ClientAsync(int round, int client, TimeSpan pause, CancellationToken stop)
    {
        var random = new Random(HashCode.Combine(seed, round, client));
        while (!stop.IsCancellationRequested)
        {
            var key = Key(round, random.Next(keys));
            var gateway = random.Next(s3.Gateways);
            switch (random.Next(100))
            {
                case < 22: await PutAsync(key, client, gateway, contents.Make(Size(random)), KeyCondition.None); break;
                case < 30: await PutAsync(key, client, gateway, contents.Make(Size(random)), KeyCondition.IfAbsent); break;
                case < 38 when _seen.TryGetValue(key, out var seen):
                    await PutAsync(key, client, gateway, contents.Make(Size(random)), KeyCondition.IfCurrent(seen.Number));
                    break;
                case < 48: await DeleteAsync(key, client, gateway); break;
                case < 51: await MultipartAsync(key, client, gateway, contents.Make(Part + random.Next(1, 200_000), Part)); break;
                case < 56: await CopyAsync(key, Key(round, random.Next(keys)), client, gateway); break;
                case < 59: await ListAsync(round, client, gateway); break;
                case < 70: await GetAsync(key, client, gateway, random); break;
                default: await GetAsync(key, client, gateway, range: null); break;
            }
            await Task.Delay(pause, CancellationToken.None);
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

    private async Task PutAsync(string key, int client, int gateway, Content content, KeyCondition condition)
    {
        List<(string, string)> headers = [("x-amz-meta-number", $"{content.Number}")];
        if (condition.Absent) headers.Add(("If-None-Match", "*"));
        if (condition.Value is { } value) headers.Add(("If-Match", $"\"{contents.Find(value)!.ETag}\""));
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Put, $"/{Bucket}/{key}", content.Bytes, [.. headers]);
        Wrote("put", key, new(client, began, History.Now, KeyAction.Put, content.Number, Result(answer, condition), condition), answer);
    }

    private async Task DeleteAsync(string key, int client, int gateway)
    {
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Delete, $"/{Bucket}/{key}");
        var result = answer.Status == 204 ? KeyResult.Done : KeyResult.Unknown;
        Wrote("delete", key, new(client, began, History.Now, KeyAction.Delete, 1, result), answer);
    }

    private async Task MultipartAsync(string key, int client, int gateway, Content content)
    {
        var begin = await s3.SendAsync(gateway, HttpMethod.Post, $"/{Bucket}/{key}?uploads", null, ("x-amz-meta-number", $"{content.Number}"));
        history.Answer("begin upload", begin.Status);
        if (begin.Status != 200) return;
        var upload = UploadId().Match(begin.Text).Groups[1].Value;
        var parts = "";
        foreach (var (bytes, number) in content.Bytes.Chunk(Part).Select((bytes, i) => (bytes, i + 1)))
        {
            // The next gateway: parts of one upload come by different ways.
            var part = await s3.SendAsync(gateway + number, HttpMethod.Put, $"/{Bucket}/{key}?partNumber={number}&uploadId={upload}", bytes);
            history.Answer("part", part.Status);
            if (part.Status != 200) return;
            parts += $"<Part><PartNumber>{number}</PartNumber><ETag>{part.Header("ETag")}</ETag></Part>";
        }
        var document = System.Text.Encoding.UTF8.GetBytes($"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Post, $"/{Bucket}/{key}?uploadId={upload}", document);
        var done = answer.Status == 200 && answer.Text.Contains("CompleteMultipartUploadResult", StringComparison.Ordinal);
        Wrote("complete", key, new(client, began, History.Now, KeyAction.Put, content.Number, done ? KeyResult.Done : KeyResult.Unknown), answer);
    }

    /// <summary>A copy on condition that the source is what was seen, so that what is written is known; it is a read of the source too.</summary>
    private async Task CopyAsync(string source, string key, int client, int gateway)
    {
        if (source == key || !_seen.TryGetValue(source, out var content) || content.PartSize > 0) return;
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Put, $"/{Bucket}/{key}", null,
            ("x-amz-copy-source", $"/{Bucket}/{source}"), ("x-amz-copy-source-if-match", $"\"{content.ETag}\""));
        if (answer.Status is 404 or 412)
        {
            history.Answer("copy", answer.Status);
            return;
        }
        var done = answer.Status == 200 && answer.Text.Contains("CopyObjectResult", StringComparison.Ordinal);
        var ended = History.Now;
        if (done) history.Add(source, new(client, began, ended, KeyAction.Get, content.Number, KeyResult.Done));
        Wrote("copy", key, new(client, began, ended, KeyAction.Put, content.Number, done ? KeyResult.Done : KeyResult.Unknown), answer);
    }

    private async Task<KeyOperation> GetAsync(string key, int client, int gateway, Random? range)
    {
        List<(string, string)> headers = [];
        var from = range?.Next(0, 100_000) ?? 0;
        if (range is not null) headers.Add(("Range", $"bytes={from}-{from + range.Next(0, 70_000)}"));
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Get, $"/{Bucket}/{key}", null, [.. headers]);
        var ended = History.Now;
        history.Answer(range is null ? "get" : "get range", answer.Status);
        var read = new KeyOperation(client, began, ended, KeyAction.Get, 1, answer.Status == 404 ? KeyResult.Missing : KeyResult.Unknown);
        if (answer.Status is 200 or 206) read = Check(key, answer, from, read);
        else if (answer.Status is not (404 or 416 or 0 or >= 500)) history.Violation($"get {key}: {answer.Status} {answer.Text}");
        if (read.Result != KeyResult.Unknown) history.Add(key, read);
        return read;
    }

    private KeyOperation Check(string key, Answer answer, int from, KeyOperation read)
    {
        var number = long.TryParse(answer.Header("x-amz-meta-number"), out var parsed) ? parsed : 0;
        if (contents.Find(number) is not { } content)
        {
            history.Violation($"CORRUPT get {key}: content {number} was never written");
            return read;
        }
        var offset = answer.Status == 206 ? from : 0;
        var isWhole = answer.Status == 206 || answer.Body.Length == content.Size;
        if (!isWhole || !contents.IsRight(number, offset, answer.Body))
            history.Violation($"CORRUPT get {key}: {answer.Body.Length} bytes from {offset} are not content {number} ({content.Size} bytes)");
        _seen[key] = content;
        return read with { Value = number, Result = KeyResult.Done };
    }

    /// <summary>A listing is a read of every key of its prefix.</summary>
    private async Task ListAsync(int round, int client, int gateway)
    {
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Get, $"/{Bucket}?list-type=2&prefix=round-{round:0000}%2F");
        var ended = History.Now;
        history.Answer("list", answer.Status);
        if (answer.Status != 200) return;
        var listed = Entry().Matches(answer.Text)
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Replace("&quot;", "", StringComparison.Ordinal));
        for (var i = 0; i < keys; i++)
        {
            var key = Key(round, i);
            var missing = new KeyOperation(client, began, ended, KeyAction.Get, 1, KeyResult.Missing);
            if (!listed.TryGetValue(key, out var etag)) history.Add(key, missing);
            else if (contents.FindByETag(etag) is { } number) history.Add(key, missing with { Value = number, Result = KeyResult.Done });
            else history.Violation($"list {key}: an ETag {etag} that nobody wrote");
        }
    }

    private void Wrote(string name, string key, KeyOperation operation, Answer answer)
    {
        history.Answer(name, answer.Status);
        history.Add(key, operation);
        if (operation.Result == KeyResult.Unknown && answer.Status is not (0 or 409 or >= 500 or 200))
            history.Violation($"{name} {key}: {answer.Status} {answer.Text}");
    }

    private static KeyResult Result(Answer answer, KeyCondition condition) => answer.Status switch
    {
        200 => KeyResult.Done,
        412 when condition != KeyCondition.None => KeyResult.ConditionFailed,
        404 when condition.Value is not null => KeyResult.ConditionFailed,
        _ => KeyResult.Unknown,
    };

    [GeneratedRegex("<UploadId>(.*?)</UploadId>")]
    private static partial Regex UploadId();

    [GeneratedRegex("<Key>(.*?)</Key>.*?<ETag>(.*?)</ETag>", RegexOptions.Singleline)]
    private static partial Regex Entry();
}
