namespace OrleansDfs.Linearizability.Tests;

/// <summary>
/// Histories by seed. <see cref="OfRegister"/> runs clients against a real register in virtual time, so what it gives is linearizable, with
/// time-outs whose writes happened or not; <see cref="Anything"/> draws results at will, so that both verdicts occur.
/// </summary>
static class RandomHistory
{
    public static List<KeyOperation> OfRegister(int seed, int clients, int operations, bool versioned, double unknown)
    {
        var random = new Random(seed);
        var history = new List<KeyOperation>();
        var free = new long[clients];
        var pending =
            new PriorityQueue<(int Client, long Began, long Ended, KeyAction Action, long Value, KeyCondition Condition, bool Lost), long>();
        var versions = new List<long>();
        var acknowledged = new List<long>();
        var value = 0L;
        for (var i = 0; i < operations; i++)
        {
            var client = random.Next(clients);
            var began = free[client] + random.Next(1, 20);
            var point = began + random.Next(0, 60);
            var ended = point + random.Next(0, 60);
            free[client] = ended + 1;
            var (action, condition) = Draw(random, versioned, ++value);
            // A lost answer: the write happens late, or never (drawn below, at its moment).
            var lost = random.NextDouble() < unknown;
            if (lost) point += random.Next(0, 500);
            pending.Enqueue((client, began, ended, action, value, condition, lost), point);
        }
        while (pending.TryDequeue(out var next, out _))
        {
            if (next.Lost && random.Next(2) == 0)
            {
                history.Add(new(next.Client, next.Began, next.Ended, next.Action, next.Value, KeyResult.Unknown, next.Condition));
                continue;
            }
            // A version can be named by those who were told its id.
            var isNamed = acknowledged.Count > 0 && next.Action is (KeyAction.GetVersion or KeyAction.DeleteVersion);
            var target = isNamed ? acknowledged[random.Next(acknowledged.Count)] : next.Value;
            var (seen, result) = Apply(versions, next.Action, target, next.Condition, versioned);
            if (!next.Lost && result == KeyResult.Done && next.Action is (KeyAction.Put or KeyAction.Delete)) acknowledged.Add(next.Value);
            history.Add(new(next.Client, next.Began, next.Ended, next.Action, seen, next.Lost ? KeyResult.Unknown : result, next.Condition));
        }
        return history;
    }

    public static List<KeyOperation> Anything(int seed, int operations, bool versioned)
    {
        var random = new Random(seed);
        var history = new List<KeyOperation>();
        for (var i = 1; i <= operations; i++)
        {
            var began = random.Next(0, 12);
            var (action, condition) = Draw(random, versioned, operations);
            var value = action is KeyAction.Put or KeyAction.Delete ? i : random.Next(1, operations + 1);
            var isRead = action is KeyAction.Get or KeyAction.GetVersion;
            var result = random.Next(4) switch
            {
                0 when isRead => KeyResult.Missing,
                0 when condition != KeyCondition.None => KeyResult.ConditionFailed,
                1 when !isRead => KeyResult.Unknown,
                _ => KeyResult.Done,
            };
            history.Add(new(i, began, began + random.Next(0, 8), action, value, result, condition));
        }
        return history;
    }

    private static (KeyAction, KeyCondition) Draw(Random random, bool versioned, long values) => random.Next(versioned ? 12 : 9) switch
    {
        0 or 1 => (KeyAction.Put, KeyCondition.None),
        2 => (KeyAction.Put, KeyCondition.IfAbsent),
        3 => (KeyAction.Put, KeyCondition.IfCurrent(random.NextInt64(Math.Max(1, values - 5), values + 1))),
        4 => (KeyAction.Delete, KeyCondition.None),
        9 or 10 => (KeyAction.GetVersion, KeyCondition.None),
        11 => (KeyAction.DeleteVersion, KeyCondition.None),
        _ => (KeyAction.Get, KeyCondition.None),
    };

    /// <summary>The register, written a second time and by hand, so that a mistake in the checker's model shows.</summary>
    private static (long Value, KeyResult Result) Apply(List<long> versions, KeyAction action, long value, KeyCondition condition, bool versioned)
    {
        var current = versions.Count > 0 ? versions[^1] : 0;
        switch (action)
        {
            case KeyAction.Get: return current > 0 ? (current, KeyResult.Done) : (0, KeyResult.Missing);
            case KeyAction.GetVersion: return (value, versions.Contains(value) ? KeyResult.Done : KeyResult.Missing);
            case KeyAction.DeleteVersion:
                versions.RemoveAll(v => v == value || v == -value);
                return (value, KeyResult.Done);
        }
        var isOther = condition.Value is { } wanted && wanted != Math.Max(current, 0);
        if ((condition.Absent && current > 0) || isOther) return (value, KeyResult.ConditionFailed);
        if (!versioned) versions.Clear();
        if (action == KeyAction.Put) versions.Add(value);
        else if (versioned) versions.Add(-value);
        return (value, KeyResult.Done);
    }
}
