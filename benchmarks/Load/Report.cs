using System.Globalization;

namespace OrleansDfs.Load;

/// <summary>Results as a Markdown table: of the rounds of one cell, the median.</summary>
static class Report
{
    public static IEnumerable<string> Lines(IEnumerable<Result> results)
    {
        yield return "| operation | size | conn. | target | per second | MB/s | p50 ms | p95 ms | p99 ms | errors | server CPU ms/op " +
            "| server CPU-s/GB | client CPU ms/op | peak MiB |";
        yield return "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";
        foreach (var cell in results.GroupBy(r => (r.Work, r.Size, r.Connections, r.Target)))
        {
            var median = cell.OrderBy(r => r.PerSecond).ElementAt(cell.Count() / 2);
            yield return Line(median);
        }
    }

    static string Line(Result r)
    {
        var hasBytes = r.Work is Work.Put or Work.Get or Work.Multipart;
        var bytes = r.PerSecond * r.Size;
        var perOperation = r.Operations == 0 ? 0 : 1000 * r.ServerSeconds / r.Operations;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {r.Work} | {(hasBytes || r.Work == Work.Mixed ? SizeText(r.Size) : "–")} | {r.Connections} | {r.Target} | {r.PerSecond:0.#} | " +
            $"{(hasBytes ? $"{bytes / 1e6:0.#}" : "–")} | " +
            $"{r.P50:0.00} | {r.P95:0.00} | {r.P99:0.00} | {r.Errors}{(r.FirstError == "" ? "" : $" ({r.FirstError})")} | {perOperation:0.000} | " +
            $"{(hasBytes && r.Size >= 1 << 20 ? $"{r.ServerSeconds / (r.Operations * r.Size / 1e9):0.00}" : "–")} | " +
            $"{(r.Operations == 0 ? 0 : 1000 * r.ClientSeconds / r.Operations):0.000} | {r.PeakMebibytes} |");
    }

    static string SizeText(long size) => size % (1 << 20) == 0 ? $"{size >> 20} MiB" : size % 1024 == 0 ? $"{size >> 10} KiB" : $"{size} B";
}
