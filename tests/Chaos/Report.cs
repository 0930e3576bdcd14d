using System.Diagnostics;
using System.Text;

namespace OrleansDfs.Chaos;

/// <summary>What happened and what was found, for people; it is clean only if every count that must be 0 is 0.</summary>
sealed class Report(int seed)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    public SortedDictionary<string, int> Faults { get; } = new(StringComparer.Ordinal);

    public List<string> Failures { get; } = [];

    public int Rounds { get; set; }

    public int Keys { get; set; }

    public long HistoryOperations { get; set; }

    public int Lost { get; set; }

    public int Unreadable { get; set; }

    public int Corrupt { get; set; }

    public int NonLinearizable { get; set; }

    public int Undecided { get; set; }

    public int Unhealthy { get; set; }

    public int DifferentReplicas { get; set; }

    public int ChunksCompared { get; set; }

    /// <summary>Damaged replicas that a read or the scrub found, and that repair has replaced.</summary>
    public int DamagesRepaired { get; set; }

    public int DamagesRetired { get; set; }

    public int DamagesUnseen { get; set; }

    public TimeSpan LongestToNotice { get; set; }

    public TimeSpan LongestHealing { get; set; }

    public int Versions { get; set; }

    /// <summary>Deaths of silos that were killed, paused or emptied.</summary>
    public int Deaths { get; set; }

    /// <summary>Deaths of silos that nothing was done to.</summary>
    public int FalseDeaths { get; set; }

    /// <summary>The longest time under load without an acknowledged write, by fault.</summary>
    public SortedDictionary<string, TimeSpan> Gaps { get; } = new(StringComparer.Ordinal);

    public bool IsClean => Failures.Count == 0;

    public string Text(History history)
    {
        var text = new StringBuilder();
        text.AppendLine($"seed {seed}, {Stopwatch.GetElapsedTime(_began).TotalMinutes:0.0} minutes, {Rounds} rounds, {Keys} keys, {Versions} kept versions");
        text.AppendLine($"faults injected {Faults.Where(f => f.Key != Nemesis.Calm).Sum(f => f.Value)}: {string.Join(", ", Faults.Select(f => $"{f.Key} {f.Value}"))}");
        text.AppendLine($"operations {history.Answers.Values.Sum()}, acknowledged writes {history.Acknowledged}, in histories {HistoryOperations}; answers:");
        foreach (var (answer, count) in history.Answers.OrderBy(a => a.Key, StringComparer.Ordinal)) text.AppendLine($"    {answer}: {count}");
        text.AppendLine($"deaths declared {Deaths}, and of silos that nothing was done to {FalseDeaths}");
        text.AppendLine($"longest gap between acknowledged writes {(Gaps.Count == 0 ? 0 : Gaps.Values.Max().TotalSeconds):0.0} s: "
            + string.Join(", ", Gaps.Select(g => $"{g.Key} {g.Value.TotalSeconds:0.0}")));
        text.AppendLine($"longest time until well again: {LongestHealing.TotalSeconds:0} s");
        text.AppendLine($"replicas compared: {ChunksCompared} chunks at most; damaged replicas found and repaired {DamagesRepaired}, "
            + $"gone with their chunks {DamagesRetired}, not noticed {DamagesUnseen}; longest until noticed {LongestToNotice.TotalSeconds:0} s");
        text.AppendLine($"lost {Lost}, unreadable {Unreadable}, corrupt {Corrupt}, non-linearizable {NonLinearizable}, not decided {Undecided}, "
            + $"different replicas {DifferentReplicas}, not well again {Unhealthy}");
        text.AppendLine(IsClean ? "CLEAN" : $"NOT CLEAN: {Failures.Count} findings");
        foreach (var failure in Failures) text.AppendLine(failure);
        return text.ToString();
    }
}
