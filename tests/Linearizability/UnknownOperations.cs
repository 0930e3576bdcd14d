namespace OrleansDfs.Linearizability;

/// <summary>The writes of unknown outcome in the order of their beginnings, and which of them are taken.</summary>
sealed class UnknownOperations
{
    private readonly List<KeyOperation> _operations;
    private readonly NamedValues _names;

    public UnknownOperations(IEnumerable<KeyOperation> history, NamedValues names)
    {
        _operations = [.. history.Where(o => o.Result == KeyResult.Unknown)];
        _names = names;
        Spent = new ulong[(_operations.Count + 63) / 64];
    }

    public int Count => _operations.Count;

    /// <summary>A bit for each that is taken. Never changed in place.</summary>
    public ulong[] Spent { get; private set; }

    public KeyOperation this[int index] => _operations[index];

    /// <summary>Not taken yet, and no earlier one does just the same as far as anything still to come can tell.</summary>
    public bool MayTake(int index)
    {
        if (IsTaken(index)) return false;
        var operation = _operations[index];
        if (_names.IsNamed(operation.Value)) return true;
        for (var i = 0; i < index; i++)
        {
            var earlier = _operations[i];
            var isTwin = earlier.Action == operation.Action && earlier.Condition == operation.Condition && !_names.IsNamed(earlier.Value);
            if (isTwin && !IsTaken(i)) return false;
        }
        return true;
    }

    public void Take(int index) => Spent = SpentWith(index);

    public void GiveBack(int index) => Spent = SpentWith(index);

    /// <summary>The bits with this one turned.</summary>
    public ulong[] SpentWith(int index)
    {
        ulong[] bits = [.. Spent];
        bits[index >> 6] ^= 1UL << index;
        return bits;
    }

    public static bool IsSubset(ulong[] small, ulong[] large)
    {
        for (var i = 0; i < small.Length; i++)
            if ((small[i] & ~large[i]) != 0) return false;
        return true;
    }

    private bool IsTaken(int index) => (Spent[index >> 6] >> index & 1) != 0;
}
