namespace OrleansDfs.Linearizability;

public enum KeyAction
{
    /// <summary>Writes <see cref="KeyOperation.Value"/>: PutObject, CopyObject, CompleteMultipartUpload.</summary>
    Put,

    /// <summary>Reads the current value: GetObject, HeadObject, and what a listing says of the key.</summary>
    Get,

    /// <summary>Removes the value, or, where the bucket is versioned, lays the delete marker <see cref="KeyOperation.Value"/> on top.</summary>
    Delete,

    /// <summary>Reads one version, <see cref="KeyOperation.Value"/>, of a versioned key.</summary>
    GetVersion,

    /// <summary>Removes one version or marker, <see cref="KeyOperation.Value"/>, of a versioned key.</summary>
    DeleteVersion,
}

public enum KeyResult
{
    /// <summary>It happened; a read saw <see cref="KeyOperation.Value"/>.</summary>
    Done,

    /// <summary>A read found nothing.</summary>
    Missing,

    /// <summary>A write was refused because its condition did not hold (412; 404 for If-Match on nothing); it changed nothing.</summary>
    ConditionFailed,

    /// <summary>Time-out, broken connection, 5xx: a write may have happened at any time since it began, may happen later, or never.</summary>
    Unknown,
}

/// <summary>What must hold at the moment of a write.</summary>
/// <param name="Absent">True: If-None-Match: *.</param>
/// <param name="Value">If-Match: the value that must be the current one.</param>
public readonly record struct KeyCondition(bool Absent, long? Value)
{
    public static KeyCondition None => default;

    public static KeyCondition IfAbsent => new(true, null);

    public static KeyCondition IfCurrent(long value) => new(false, value);
}

/// <summary>
/// One operation on one key as its client saw it. Values are numbers that stand for contents: what writes the same value twice cannot be told
/// apart, so a versioned key needs a value of its own for every write and marker.
/// </summary>
/// <param name="Client">Who asked; for people.</param>
/// <param name="Began">When it was sent, on one clock for all clients.</param>
/// <param name="Ended">When the answer was there, on that clock. Of no meaning where the result is <see cref="KeyResult.Unknown"/>.</param>
/// <param name="Value">1 or more.</param>
public sealed record KeyOperation(
    int Client, long Began, long Ended, KeyAction Action, long Value, KeyResult Result, KeyCondition Condition = default)
{
    public bool IsRead => Action is KeyAction.Get or KeyAction.GetVersion;

    public override string ToString()
    {
        var condition = Condition.Absent ? " if absent" : Condition.Value is { } value ? $" if {value}" : "";
        var end = Result == KeyResult.Unknown ? "?" : $"{Ended}";
        return $"[{Began}..{end}] client {Client}: {Action} {Value}{condition} -> {Result}";
    }
}
