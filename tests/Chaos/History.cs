using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansDfs.Linearizability;

namespace OrleansDfs.Chaos;

/// <summary>What every client asked and was told, by key, on one monotonic clock in microseconds; and what must never be seen.</summary>
sealed class History
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<KeyOperation>> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<string, long> _answers = new(StringComparer.Ordinal);

    private readonly ConcurrentQueue<long> _acknowledged = new();

    public static long Now => (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;

    public IEnumerable<string> Keys => _keys.Keys.Order(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>How often which operation got which answer.</summary>
    public IReadOnlyDictionary<string, long> Answers => _answers;

    public IReadOnlyList<KeyOperation> Of(string key) => [.. _keys[key]];

    public void Add(string key, KeyOperation operation)
    {
        _keys.GetOrAdd(key, _ => new()).Enqueue(operation);
        if (operation is { IsRead: false, Result: KeyResult.Done }) _acknowledged.Enqueue(operation.Ended);
    }

    /// <summary>The longest time within the span in which no client had a write acknowledged.</summary>
    public TimeSpan LongestGap(long from, long to)
    {
        var times = _acknowledged.Where(at => at > from && at < to).Order().Prepend(from).Append(to).ToList();
        return TimeSpan.FromMicroseconds(times.Zip(times.Skip(1), (before, after) => after - before).Max());
    }

    public long Acknowledged => _acknowledged.Count;

    public void Violation(string what) => _violations.Enqueue($"[{Now}] {what}");

    public void Answer(string operation, int status) =>
        _answers.AddOrUpdate($"{operation} {(status == 0 ? "no answer" : status)}", 1, (_, n) => n + 1);
}
