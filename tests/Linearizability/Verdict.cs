using System.Text;

namespace OrleansDfs.Linearizability;

/// <summary>What the checker found for one key.</summary>
/// <param name="IsLinearizable"><c>null</c>: given up at the limit of steps, which is no proof of anything.</param>
/// <param name="Order">An order that explains all results or, where none exists, the longest explanation that was found.</param>
/// <param name="Unexplained">Empty, or the finished operations that do not follow on <paramref name="Order"/>, the earliest end first.</param>
/// <param name="Steps">Work done, for judging the limit.</param>
public sealed record Verdict(bool? IsLinearizable, IReadOnlyList<KeyOperation> Order, IReadOnlyList<KeyOperation> Unexplained, long Steps)
{
    private const int Shown = 12;

    /// <summary>For the one who looks into it: the end of the explanation, and what does not follow.</summary>
    public override string ToString()
    {
        if (IsLinearizable == true) return $"linearizable ({Order.Count} operations, {Steps} steps)";
        var text = new StringBuilder(IsLinearizable is null ? "NOT DECIDED" : "NOT LINEARIZABLE");
        text.Append($" after {Steps} steps; {Order.Count} operations explained, of which the last are\n");
        foreach (var operation in Order.Skip(Order.Count - Shown)) text.Append($"    {operation}\n");
        text.Append("  and then none of\n");
        foreach (var operation in Unexplained.Take(Shown)) text.Append($"    {operation}\n");
        return text.ToString();
    }
}
