using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using OrleansDfs.Linearizability;

namespace OrleansDfs.Chaos;

/// <summary>
/// What clients do to keys whose versions are kept: put, lay delete markers, read and delete single versions; and a look at whole stacks, which is a
/// read of every version there is or should be.
/// </summary>
sealed partial class VersionedKeys(S3Requests s3, KeyRequests requests, Contents contents, History history)
{
    /// <summary>Reads after the load, by which the checker tells what is lost from what is merely out of order.</summary>
    public const int AuditClient = 99;

    private readonly ConcurrentDictionary<string, ConcurrentQueue<long>> _written = new();

    public async Task StepAsync(string key, int client, int gateway, Random random)
    {
        switch (random.Next(100))
        {
            case < 20: await PutAsync(key, client, gateway, random, KeyCondition.None); break;
            case < 26: await PutAsync(key, client, gateway, random, KeyCondition.IfAbsent); break;
            case < 34 when requests.Seen(key) is { } seen: await PutAsync(key, client, gateway, random, KeyCondition.IfCurrent(seen.Number)); break;
            case < 42: await DeleteMarkedAsync(key, client, gateway); break;
            case < 48 when Drawn(key, random) is { } number: await requests.DeleteVersionAsync(key, client, gateway, number); break;
            case < 66 when Drawn(key, random) is { } number: await requests.GetVersionAsync(key, client, gateway, number); break;
            default: await requests.GetAsync(key, client, gateway); break;
        }
    }

    /// <summary>
    /// The stack as a listing shows it now. What was acknowledged and what is listed are read by it: there, or missing. <c>null</c>: no answer.
    /// </summary>
    public async Task<IReadOnlyList<long>?> StackAsync(string key, int gateway)
    {
        var (bucket, name) = (key[..key.IndexOf('/', StringComparison.Ordinal)], key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var began = History.Now;
        var answer = await s3.SendAsync(gateway, HttpMethod.Get, $"/{bucket}?versions&prefix={Uri.EscapeDataString(name)}");
        var ended = History.Now;
        history.Answer("list versions", answer.Status);
        if (answer.Status != 200) return null;
        if (answer.Text.Contains("<IsTruncated>true", StringComparison.Ordinal)) history.Violation($"list versions {key}: more than a page");
        List<long> stack = [];
        foreach (Match version in Version().Matches(answer.Text))
        {
            if (contents.FindByETag(version.Groups[2].Value.Replace("&quot;", "", StringComparison.Ordinal)) is not { } number)
            {
                history.Violation($"list versions {key}: an ETag {version.Groups[2].Value} that nobody wrote");
                continue;
            }
            requests.Knows(number, version.Groups[1].Value);
            stack.Add(number);
        }
        var acknowledged = history.Of(key).Where(o => o is { Action: KeyAction.Put, Result: KeyResult.Done }).Select(o => o.Value);
        foreach (var number in acknowledged.Union(stack))
        {
            var result = stack.Contains(number) ? KeyResult.Done : KeyResult.Missing;
            history.Add(key, new KeyOperation(AuditClient, began, ended, KeyAction.GetVersion, number, result));
        }
        return stack;
    }

    /// <summary>Reads the bytes of every version of the stack.</summary>
    /// <returns>Those that could not be read although they are listed.</returns>
    public async Task<IReadOnlyList<long>> ReadAsync(string key, IReadOnlyList<long> stack, int tries)
    {
        List<long> unreadable = [];
        foreach (var number in stack)
        {
            var result = KeyResult.Unknown;
            for (var i = 0; i < tries && result == KeyResult.Unknown; i++)
            {
                if (i > 0) await Task.Delay(500);
                result = await requests.GetVersionAsync(key, AuditClient, gateway: i, number);
            }
            if (result != KeyResult.Done) unreadable.Add(number);
        }
        return unreadable;
    }

    private async Task PutAsync(string key, int client, int gateway, Random random, KeyCondition condition)
    {
        // Small: versions stay for the whole run.
        var content = contents.Make(random.Next(8) == 0 ? random.Next(60_000, 140_000) : random.Next(16, 12_000));
        await requests.PutAsync(key, client, gateway, content, condition);
        _written.GetOrAdd(key, _ => new()).Enqueue(content.Number);
    }

    private async Task DeleteMarkedAsync(string key, int client, int gateway)
    {
        var marker = contents.Draw();
        await requests.DeleteAsync(key, client, gateway, marker);
        _written.GetOrAdd(key, _ => new()).Enqueue(-marker);
    }

    /// <summary>A version of the key whose id is known, maybe deleted meanwhile; none of its markers.</summary>
    private long? Drawn(string key, Random random)
    {
        if (!_written.TryGetValue(key, out var written)) return null;
        var known = written.Where(n => n > 0 && requests.VersionOf(n) is not null).ToList();
        return known.Count == 0 ? null : known[random.Next(known.Count)];
    }

    [GeneratedRegex("<Version>.*?<VersionId>(.*?)</VersionId>.*?<ETag>(.*?)</ETag>.*?</Version>", RegexOptions.Singleline)]
    private static partial Regex Version();
}
