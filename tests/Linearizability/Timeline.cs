namespace OrleansDfs.Linearizability;

/// <summary>
/// The finished operations of a history as their beginnings and ends in time order: a doubly linked list from which an operation is lifted when it
/// is taken, so that what may come next is always what stands before the first end.
/// </summary>
sealed class Timeline
{
    private readonly Entry _head = new(null, 0, isEnd: false);

    public Timeline(IEnumerable<KeyOperation> finished)
    {
        Operations = [.. finished];
        var random = new Random(Operations.Count);
        var entries = new List<Entry>();
        foreach (var operation in Operations)
        {
            var call = new Entry(operation, new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()), isEnd: false);
            call.End = new Entry(operation, call.Mark, isEnd: true);
            entries.AddRange([call, call.End]);
        }
        // At equal times beginnings come first: the operations may then have overlapped, and the checker must not claim more than the clock shows.
        var previous = _head;
        foreach (var entry in entries.OrderBy(e => e.Time).ThenBy(e => e.IsEnd))
        {
            previous.Next = entry;
            entry.Previous = previous;
            previous = entry;
        }
    }

    public IReadOnlyList<KeyOperation> Operations { get; }

    public int Count => Operations.Count;

    public Entry? First => _head.Next;

    public Entry? FirstEnd
    {
        get
        {
            var entry = First;
            while (entry is { IsEnd: false }) entry = entry.Next;
            return entry;
        }
    }

    /// <param name="mark">A random number: the exclusive or of those of all taken operations names their set.</param>
    public sealed class Entry(KeyOperation? operation, UInt128 mark, bool isEnd)
    {
        public KeyOperation Operation => operation!;

        public UInt128 Mark => mark;

        public bool IsEnd => isEnd;

        public long Time => isEnd ? operation!.Ended : operation!.Began;

        public Entry? End { get; set; }

        public Entry? Next { get; set; }

        public Entry? Previous { get; set; }

        /// <summary>Takes the operation out of the list, beginning and end.</summary>
        public void Lift()
        {
            Unlink();
            End!.Unlink();
        }

        /// <summary>Puts it back exactly where it was; calls must mirror those of <see cref="Lift"/>.</summary>
        public void Unlift()
        {
            End!.Relink();
            Relink();
        }

        private void Unlink()
        {
            Previous!.Next = Next;
            if (Next is not null) Next.Previous = Previous;
        }

        private void Relink()
        {
            Previous!.Next = this;
            if (Next is not null) Next.Previous = this;
        }
    }
}
