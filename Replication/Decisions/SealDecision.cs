using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>What one member of the replica set said to a close (P10).</summary>
public enum SealAnswerKind
{
    /// <summary>Closed, fsynced, with its durable length.</summary>
    Length = 0,

    /// <summary>An I/O error, or the node itself says that it must not count (P9).</summary>
    Damaged = 1,

    /// <summary>It has no such file and has left a tombstone.</summary>
    Absent = 2,

    /// <summary>Unreachable or late.</summary>
    NoAnswer = 3,
}

/// <summary>One member's answer with what the catalog knows about it.</summary>
/// <param name="Length">Durable physical length in bytes; only for <see cref="SealAnswerKind.Length"/>.</param>
/// <param name="FsyncFailed">The node's mark in the catalog (P9): whatever it answers counts as damaged.</param>
/// <param name="Exists">The node is registered and not decommissioned; dead ones exist.</param>
public readonly record struct SealAnswer(NodeId Node, long Epoch, SealAnswerKind Kind, long Length, bool FsyncFailed = false, bool Exists = true)
{
    /// <summary>Reads the result of a close. A file without even the chunk's own header was never durable, so nothing was acknowledged from it: as
    /// good as absent.</summary>
    public static SealAnswer Of(Replica replica, CloseResult close, bool fsyncFailed, bool exists) => new(
        replica.Node,
        replica.Epoch,
        close.Status switch
        {
            ChunkStatus.Ok => close.Length < RecordLayout.ChunkHeaderSize ? SealAnswerKind.Absent : SealAnswerKind.Length,
            ChunkStatus.Absent => SealAnswerKind.Absent,
            ChunkStatus.Damaged or ChunkStatus.Corrupt or ChunkStatus.IoError => SealAnswerKind.Damaged,
            _ => SealAnswerKind.NoAnswer,
        },
        close.Status == ChunkStatus.Ok ? close.Length : 0,
        fsyncFailed,
        exists);
}

public abstract record SealOutcome
{
    /// <summary>Seal at <paramref name="Length"/> (0: the chunk is empty and has no replica left).</summary>
    /// <param name="Live">Replicas that hold <c>[0, Length)</c>; longer ones are cut after the row is sealed (P14).</param>
    /// <param name="Unverified">Did not answer: kept, not served (P13).</param>
    /// <param name="Bad">Proven bad: their rows go.</param>
    public sealed record Sealed(long Length, IReadOnlyList<SealAnswer> Live, IReadOnlyList<SealAnswer> Unverified,
        IReadOnlyList<SealAnswer> Bad) : SealOutcome;

    /// <summary>Every member that exists has answered, none has the file, and nothing refers to it: sealed with length 0 and no replica (P11,
    /// exception).</summary>
    public sealed record Empty(IReadOnlyList<SealAnswer> Unverified, IReadOnlyList<SealAnswer> Bad) : SealOutcome;

    /// <summary>No undamaged answer (P11): try again later, and say so.</summary>
    public sealed record StaySealing(string Reason) : SealOutcome;
}

/// <summary>
/// P10–P13 as one pure function. Invariant: the sealed length is never above what any replica that can have acknowledged holds, so it covers
/// everything that was
/// acknowledged (an acknowledgement needed all of them, P7), and never below the floor.
/// </summary>
public static class SealDecision
{
    /// <param name="floor">Greatest end of the chunk's extent rows, 0 when there is none; read under the row's lock (P12). Judge the same answers
    /// anew when it has risen.</param>
    /// <param name="answers">One per replica row of the chunk.</param>
    public static SealOutcome Decide(long floor, IReadOnlyList<SealAnswer> answers)
    {
        var length = long.MaxValue;
        foreach (var answer in answers)
        {
            // P11: the smallest among the undamaged. The largest would take in records that were never acknowledged and that others lack.
            if (IsUndamaged(answer, floor)) length = Math.Min(length, answer.Length);
        }
        if (length != long.MaxValue) return Split(length, answers);
        if (floor == 0 && answers.All(a => a.Kind == SealAnswerKind.Absent || (a.Kind == SealAnswerKind.NoAnswer && !a.Exists)))
        {
            return new SealOutcome.Empty(
                [.. answers.Where(a => a.Kind == SealAnswerKind.NoAnswer)],
                [.. answers.Where(a => a.Kind != SealAnswerKind.NoAnswer)]);
        }
        return new SealOutcome.StaySealing(Explain(floor, answers));
    }

    /// <summary>P12: another coordinator has sealed the row; its length rules, and the answers only say which replicas hold it.</summary>
    public static SealOutcome.Sealed ForSealedRow(long sealedLength, IReadOnlyList<SealAnswer> answers) => Split(sealedLength, answers);

    private static bool IsUndamaged(SealAnswer answer, long floor) =>
        answer.Kind == SealAnswerKind.Length && !answer.FsyncFailed && answer.Length >= floor;

    private static SealOutcome.Sealed Split(long length, IReadOnlyList<SealAnswer> answers) => new(
        length,
        [.. answers.Where(a => IsUndamaged(a, length))],
        [.. answers.Where(a => a.Kind == SealAnswerKind.NoAnswer)],
        [.. answers.Where(a => a.Kind != SealAnswerKind.NoAnswer && !IsUndamaged(a, length))]);

    private static string Explain(long floor, IReadOnlyList<SealAnswer> answers)
    {
        var silent = answers.Count(a => a.Kind == SealAnswerKind.NoAnswer);
        var marked = answers.Count(a => a.Kind != SealAnswerKind.NoAnswer && a.FsyncFailed);
        var damaged = answers.Count(a => a.Kind == SealAnswerKind.Damaged && !a.FsyncFailed);
        var absent = answers.Count(a => a.Kind == SealAnswerKind.Absent && !a.FsyncFailed);
        var shorter = answers.Count(a => a.Kind == SealAnswerKind.Length && !a.FsyncFailed);
        return $"no undamaged replica among {answers.Count} (floor {floor}): {silent} did not answer, {damaged} damaged, "
            + $"{marked} with a failed fsync, " +
            $"{absent} without the file, {shorter} shorter than the floor";
    }
}
