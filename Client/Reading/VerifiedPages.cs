using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>A run of pages that a reader hands out. Invariant (P22): every page in <see cref="Slice"/> has matched its checksum at this
/// end.</summary>
internal class VerifiedPages : IDisposable
{
    private static readonly Task<ChunkStatus> Here = Task.FromResult(ChunkStatus.Ok);

    /// <summary>They are here already.</summary>
    /// <param name="pages">Verified.</param>
    public VerifiedPages(PageRun run, ReadOnlyMemory<byte> pages) => (Run, Pages) = (run, pages);

    /// <summary>They will be: <see cref="Pages"/> is set before <see cref="Done"/> is Ok.</summary>
    protected VerifiedPages(PageRun run) => Run = run;

    /// <summary>Payload bytes wanted.</summary>
    public int Take => Run.Take;

    /// <summary>Ok, or how the last replica failed. Never faults.</summary>
    public virtual Task<ChunkStatus> Done => Here;

    protected PageRun Run { get; }

    protected ReadOnlyMemory<byte> Pages { get; set; }

    /// <summary>Wanted bytes from the <paramref name="given"/>th on, to the end of their page.</summary>
    public ReadOnlyMemory<byte> Slice(int given)
    {
        var at = Run.Skip + given;
        var page = at / RecordLayout.PageSize;
        var inPage = at % RecordLayout.PageSize;
        var count = Math.Min(Format.PageLength(Run.Payload, page) - inPage, Run.Take - given);
        return Pages.Slice(Format.PageStart(page) + inPage, count);
    }

    public virtual void Dispose()
    {
    }
}
