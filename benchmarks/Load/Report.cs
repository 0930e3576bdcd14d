using System.Globalization;

namespace OrleansDfs.Load;

/// <summary>Results as a Markdown table: of the rounds of one cell, the median.</summary>
static class Report
{
    /// <param name="baseline">A target's name: a column tells how many times its rate the others have.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<Result> results, string baseline)
    {
        var cells = results.GroupBy(r => (r.Step, r.Target)).ToDictionary(c => c.Key, c => c.OrderBy(r => r.PerSecond).ElementAt(c.Count() / 2));
        var ratioHead = baseline == "" ? "" : $" × {baseline} |";
        yield return $"| operation | size | conn. | target | per second |{ratioHead} MB/s | p50 ms | p95 ms | p99 ms | errors | server CPU ms/op " +
            "| server CPU-s/GB | client CPU ms/op | peak MiB |";
        yield return $"|---|---|---|---|---|{(baseline == "" ? "" : "---|")}---|---|---|---|---|---|---|---|---|";
        foreach (var (key, median) in cells)
        {
            var ratio = cells.TryGetValue((key.Step, baseline), out var of) && of.PerSecond > 0 ? $"{median.PerSecond / of.PerSecond:0.0}" : "–";
            yield return Line(median, baseline == "" ? "" : $" {ratio} |");
        }
    }

    public static string Line(Result r, string ratio)
    {
        var step = r.Step;
        var hasBytes = step.Work is Work.Put or Work.Get or Work.Multipart;
        var bytes = r.PerSecond * step.Size;
        var perOperation = r.Operations == 0 ? 0 : 1000 * r.ServerSeconds / r.Operations;
        var refused = r.RefusedP95 == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", 503 p95 {r.RefusedP95:0} ms");
        return string.Create(CultureInfo.InvariantCulture,
            $"| {step.Work} | {(step.Size > 0 ? Step.Text(step.Size) : "–")} | {step.Connections} | {r.Target} | {r.PerSecond:0.#} |{ratio} " +
            $"{(hasBytes ? $"{bytes / 1e6:0.#}" : "–")} | " +
            $"{r.P50:0.00} | {r.P95:0.00} | {r.P99:0.00} | {r.Errors}{(r.FirstError == "" ? "" : $" ({r.FirstError}{refused})")} | {perOperation:0.000} | " +
            $"{(hasBytes && step.Size >= 1 << 20 && r.Operations > 0 ? $"{r.ServerSeconds / (r.Operations * step.Size / 1e9):0.00}" : "–")} | " +
            $"{(r.Operations == 0 ? 0 : 1000 * r.ClientSeconds / r.Operations):0.000} | {r.PeakMebibytes} |");
    }
}
