namespace OrleansDfs.Linearizability.Tests;

/// <summary>The definition itself, tried out: does any order explain every answer and keep real time? For a handful of operations.</summary>
static class EveryOrder
{
    public static bool Explains(IReadOnlyList<KeyOperation> history, bool versioned) => Explains([.. history], [], versioned);

    private static bool Explains(List<KeyOperation> left, IReadOnlyList<long> versions, bool versioned)
    {
        if (left.TrueForAll(o => o.Result == KeyResult.Unknown)) return true;
        foreach (var next in left)
        {
            // Whatever ended before it began has to come first.
            if (left.Exists(o => o.Result != KeyResult.Unknown && o.Ended < next.Began)) continue;
            if (Next(versions, next, versioned) is not { } after) continue;
            if (Explains([.. left.Where(o => !ReferenceEquals(o, next))], after, versioned)) return true;
        }
        return false;
    }

    /// <summary>Newest last; markers negative; <c>null</c> where the answer cannot be.</summary>
    private static IReadOnlyList<long>? Next(IReadOnlyList<long> versions, KeyOperation operation, bool versioned)
    {
        var current = versions.Count == 0 || versions[^1] < 0 ? 0 : versions[^1];
        switch (operation.Action)
        {
            case KeyAction.Get:
                return operation.Result switch
                {
                    KeyResult.Missing => current == 0,
                    _ => current == operation.Value,
                } ? versions : null;
            case KeyAction.GetVersion:
                return versions.Contains(operation.Value) == (operation.Result == KeyResult.Done) ? versions : null;
            case KeyAction.DeleteVersion:
                return [.. versions.Where(v => v != operation.Value && v != -operation.Value)];
        }
        var holds = operation.Condition.Absent ? current == 0 : operation.Condition.Value is null || operation.Condition.Value == current;
        if (operation.Result == KeyResult.ConditionFailed) return holds ? null : versions;
        if (!holds) return null;
        IReadOnlyList<long> kept = versioned ? versions : [];
        if (operation.Action == KeyAction.Put) return [.. kept, operation.Value];
        return versioned ? [.. kept, -operation.Value] : [];
    }
}
