using System.Collections.Concurrent;
using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// Reads every page of this node's sealed replicas again within a set time, one replica at a time, paced; what readers complain about comes first.
/// What was verified when is the catalog's, so a restart goes on where it was.
/// </summary>
public sealed class Scrubber(CatalogDatabase catalog, ReplicaExaminer examiner, NodeId node, SiloOptions options, TimeProvider time)
{
    private const int LookedAt = 64;

    /// <summary>More complaints than this at once say no more than these.</summary>
    private const int MostReports = 1024;

    /// <summary>A replica that was kept although it is bad, or that a reader complained about, is not examined again for so long; but not longer than
    /// a round of the scrub lasts, else complaints about good replicas would keep the scrub from what goes bad afterwards.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromMinutes(10);

    private readonly TimeSpan _patience = options.Scrub.Period < MostPatience ? options.Scrub.Period : MostPatience;
    private readonly ConcurrentDictionary<ReplicaFile, long> _examinedAt = new();
    private readonly ConcurrentQueue<ReplicaFile> _reports = new();

    /// <summary>Replicas found bad since the start of this process.</summary>
    public int Bad { get; private set; }

    /// <summary>A reader met wrong bytes, or none. False: it was examined lately, or too many wait.</summary>
    public bool Report(ReplicaFile file)
    {
        if (_reports.Count >= MostReports || !TryBegin(file)) return false;
        _reports.Enqueue(file);
        return true;
    }

    /// <summary>Examines what was reported and what is due, until nothing is left.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await ExamineReportedAsync(cancellation);
            var due = await catalog.Scrubs.DueAsync(node, options.Scrub.Period, LookedAt, cancellation);
            var examined = 0;
            foreach (var replica in due.Where(d => TryBegin(d.File)))
            {
                if (await ExamineAsync(replica.File, cancellation)) _examinedAt.TryRemove(replica.File, out _);
                examined++;
                await ExamineReportedAsync(cancellation);
            }
            if (examined == 0) return;
        }
    }

    private async Task ExamineReportedAsync(CancellationToken cancellation)
    {
        while (_reports.TryDequeue(out var reported)) await ExamineAsync(reported, cancellation);
    }

    /// <summary>True: it is good.</summary>
    private async Task<bool> ExamineAsync(ReplicaFile file, CancellationToken cancellation)
    {
        var examination = await examiner.ExamineAsync(file, cancellation);
        if (examination is Examination.GivenUp or Examination.Kept) Bad++;
        return examination == Examination.Good;
    }

    private bool TryBegin(ReplicaFile file)
    {
        foreach (var (other, at) in _examinedAt)
            if (time.GetElapsedTime(at) >= _patience) _examinedAt.TryRemove(other, out _);
        return _examinedAt.TryAdd(file, time.GetTimestamp());
    }
}
