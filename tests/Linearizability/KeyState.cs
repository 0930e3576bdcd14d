namespace OrleansDfs.Linearizability;

/// <summary>
/// What an S3 key is: a stack of versions, the newest first; a delete marker is a negative number. A key without versioning is a stack of at most
/// one.
/// </summary>
readonly struct KeyState(long[] versions)
{
    private const ulong Seed = 0x9E3779B97F4A7C15UL;

    public static KeyState Empty => new([]);

    public long[] Versions { get; } = versions;

    /// <summary>The value that a plain read gives; 0: none.</summary>
    private long Current => Versions.Length > 0 && Versions[0] > 0 ? Versions[0] : 0;

    /// <summary>The state after the operation, or <c>null</c> where its result cannot come from this state.</summary>
    public KeyState? After(KeyOperation operation, bool versioned)
    {
        switch (operation.Action)
        {
            case KeyAction.Get:
                return Current == (operation.Result == KeyResult.Missing ? 0 : operation.Value) ? this : null;
            case KeyAction.GetVersion:
                return Versions.Contains(operation.Value) == (operation.Result == KeyResult.Done) ? this : null;
            case KeyAction.DeleteVersion:
                // Idempotent: 204 also for a version that is not there.
                var target = operation.Value;
                return new KeyState([.. Versions.Where(v => Math.Abs(v) != target)]);
            default:
                if (Holds(operation.Condition) == (operation.Result == KeyResult.ConditionFailed)) return null;
                if (operation.Result == KeyResult.ConditionFailed) return this;
                return Write(operation, versioned);
        }
    }

    /// <summary>
    /// Equal for states that nothing still to come can tell apart. A stack of several versions is taken as it is: what is hidden now may surface.
    /// </summary>
    public ulong Hash(NamedValues names)
    {
        if (Versions.Length == 1 && !names.IsNamed(Math.Abs(Versions[0]))) return Mix(Seed, Versions[0] > 0 ? long.MaxValue : long.MinValue);
        var hash = Seed;
        foreach (var version in Versions) hash = Mix(hash, version);
        return hash;
    }

    private static ulong Mix(ulong hash, long value)
    {
        hash = (hash ^ (ulong)value) * 0xBF58476D1CE4E5B9UL;
        return hash ^ (hash >> 31);
    }

    private KeyState Write(KeyOperation operation, bool versioned)
    {
        if (operation.Action == KeyAction.Put) return new KeyState(versioned ? [operation.Value, .. Versions] : [operation.Value]);
        return versioned ? new KeyState([-operation.Value, .. Versions]) : Empty;
    }

    private bool Holds(KeyCondition condition)
    {
        if (condition.Absent) return Current == 0;
        return condition.Value is not { } value || Current == value;
    }
}
