using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>Where a replica file stands in its life on this disk; it only moves forward.</summary>
internal enum SlotPhase
{
    /// <summary>A create or an import is at work; nobody else sees it.</summary>
    Making,

    /// <summary>Created since this start and not yet closed by a close: it has an appender (P2).</summary>
    Created,

    /// <summary>Found at start: closed for appends; nothing is known but its length on disk.</summary>
    Found,

    /// <summary>Closed after its appends, or synced and scanned, or imported: the length is the valid prefix.</summary>
    Proven,

    /// <summary>Deleted, or its making failed.</summary>
    Removed,
}

/// <summary>One replica file as the store knows it. <see cref="Gate"/> makes create, import, close, truncate and delete of one file take turns;
/// appends and reads do not take it.</summary>
internal sealed class ReplicaSlot(ReplicaFile file, SlotPhase phase, long length)
{
    private long _length = length;

    public ReplicaFile File => file;
    public string Name { get; } = DataFolder.Name(file);
    public SemaphoreSlim Gate { get; } = new(phase == SlotPhase.Making ? 0 : 1, 1); // its maker holds it from the start
    public volatile SlotPhase Phase = phase;

    /// <summary>With <see cref="SlotPhase.Created"/> only: the close drops it.</summary>
    public ChunkAppender? Appender { get; set; }

    /// <summary>Its appends may use the room kept for compaction. Set by its maker.</summary>
    public bool ForCompaction { get; set; }

    /// <summary>Bytes and name were synced since this start, so what a scan reads cannot vanish any more (P10).</summary>
    public bool Synced { get; set; }

    /// <summary>The bytes that may be read.</summary>
    public long Length
    {
        get => Appender?.Durable ?? Interlocked.Read(ref _length);
        set => Interlocked.Exchange(ref _length, value);
    }

    public bool IsVisible => Phase is SlotPhase.Created or SlotPhase.Found or SlotPhase.Proven;
}
