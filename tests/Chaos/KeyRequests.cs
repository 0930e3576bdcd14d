using System.Collections.Concurrent;
using OrleansDfs.Linearizability;

namespace OrleansDfs.Chaos;

/// <summary>One request on one key, and what its answer says of it, in the history. Keys are named with their bucket.</summary>
sealed class KeyRequests(S3Requests s3, Contents contents, History history)
{
    private readonly ConcurrentDictionary<string, Content> _seen = new();
    private readonly ConcurrentDictionary<long, string> _versions = new();

    /// <summary>What was last read of a key, for conditions and copies: maybe old, which is the point.</summary>
    public Content? Seen(string key) => _seen.GetValueOrDefault(key);

    /// <summary>The version id of a content or delete marker in a versioned bucket; <c>null</c>: nobody was told.</summary>
    public string? VersionOf(long number) => _versions.GetValueOrDefault(number);

    public void Knows(long number, string version) => _versions[number] = version;

    public async Task PutAsync(string key, int client, int gateway, Content content, KeyCondition condition)
    {
        List<(string, string)> headers = [("x-amz-meta-number", $"{content.Number}")];
        if (condition.Absent) headers.Add(("If-None-Match", "*"));
        if (condition.Value is { } value) headers.Add(("If-Match", $"\"{contents.Find(value)!.ETag}\""));
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Put, $"/{key}", content.Bytes, [.. headers]);
        Wrote("put", key, new(client, began, History.Now, KeyAction.Put, content.Number, Result(answer, condition), condition), answer);
    }

    /// <param name="marker">The number of the delete marker that it lays in a versioned bucket; 1 where none is laid.</param>
    public async Task DeleteAsync(string key, int client, int gateway, long marker = 1)
    {
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Delete, $"/{key}");
        var result = answer.Status == 204 ? KeyResult.Done : KeyResult.Unknown;
        Wrote("delete", key, new(client, began, History.Now, KeyAction.Delete, marker, result), answer);
    }

    public async Task<KeyOperation> GetAsync(string key, int client, int gateway, Random? range = null)
    {
        List<(string, string)> headers = [];
        var from = range?.Next(0, 100_000) ?? 0;
        if (range is not null) headers.Add(("Range", $"bytes={from}-{from + range.Next(0, 70_000)}"));
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Get, $"/{key}", null, [.. headers]);
        var ended = History.Now;
        history.Answer(range is null ? "get" : "get range", answer.Status);
        var read = new KeyOperation(client, began, ended, KeyAction.Get, 1, answer.Status == 404 ? KeyResult.Missing : KeyResult.Unknown);
        if (answer.Status is 200 or 206) read = Check(key, answer, from, read);
        else if (answer.Status is not (404 or 416 or 0 or >= 500)) history.Violation($"get {key}: {answer.Status} {answer.Text}");
        if (read.Result != KeyResult.Unknown) history.Add(key, read);
        return read;
    }

    /// <summary>Reads one version; only what is known of it is an operation of the history.</summary>
    public async Task<KeyResult> GetVersionAsync(string key, int client, int gateway, long number)
    {
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Get, $"/{key}?versionId={VersionOf(number)}");
        var ended = History.Now;
        history.Answer("get version", answer.Status);
        var read = new KeyOperation(client, began, ended, KeyAction.GetVersion, number, answer.Status == 404 ? KeyResult.Missing : KeyResult.Unknown);
        if (answer.Status == 200)
        {
            read = Check(key, answer, from: 0, read);
            if (read.Value != number) history.Violation($"CORRUPT get {key}: version {VersionOf(number)} is {number}, and {read.Value} was given");
        }
        else if (answer.Status is not (404 or 0 or >= 500))
        {
            history.Violation($"get version {key}: {answer.Status} {answer.Text}");
        }
        if (read.Result != KeyResult.Unknown) history.Add(key, read with { Value = number });
        return read.Result;
    }

    public async Task DeleteVersionAsync(string key, int client, int gateway, long number)
    {
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Delete, $"/{key}?versionId={VersionOf(number)}");
        var result = answer.Status == 204 ? KeyResult.Done : KeyResult.Unknown;
        history.Answer("delete version", answer.Status);
        history.Add(key, new(client, began, History.Now, KeyAction.DeleteVersion, number, result));
        if (answer.Status is not (0 or 204 or >= 500)) history.Violation($"delete version {key}: {answer.Status} {answer.Text}");
    }

    public void Wrote(string name, string key, KeyOperation operation, Answer answer)
    {
        history.Answer(name, answer.Status);
        history.Add(key, operation);
        if (operation.Result == KeyResult.Done && answer.Header("x-amz-version-id") is { } version) Knows(operation.Value, version);
        if (operation.Result == KeyResult.Unknown && answer.Status is not (0 or 409 or >= 500 or 200))
            history.Violation($"{name} {key}: {answer.Status} {answer.Text}");
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
        if (read.Action == KeyAction.Get) _seen[key] = content;
        if (answer.Header("x-amz-version-id") is { } version) Knows(number, version);
        return read with { Value = number, Result = KeyResult.Done };
    }

    private static KeyResult Result(Answer answer, KeyCondition condition) => answer.Status switch
    {
        200 => KeyResult.Done,
        412 when condition != KeyCondition.None => KeyResult.ConditionFailed,
        404 when condition.Value is not null => KeyResult.ConditionFailed,
        _ => KeyResult.Unknown,
    };
}
