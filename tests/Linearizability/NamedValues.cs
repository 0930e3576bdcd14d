namespace OrleansDfs.Linearizability;

/// <summary>
/// Which values the operations that are still to come can tell apart. A value that none of them names (reads, deletes by version, has as a
/// condition) is as good as any other such value, and two states that differ only in those are one place of the search.
/// </summary>
sealed class NamedValues
{
    private readonly Dictionary<long, int> _names = [];
    private readonly bool _versioned;

    public NamedValues(IEnumerable<KeyOperation> history, bool versioned)
    {
        _versioned = versioned;
        foreach (var operation in history) Count(operation, 1);
    }

    /// <summary>Always true where versions are kept: there a value has its place on the stack besides.</summary>
    public bool IsNamed(long value) => _versioned || _names.GetValueOrDefault(value) > 0;

    public void Take(KeyOperation operation) => Count(operation, -1);

    public void GiveBack(KeyOperation operation) => Count(operation, 1);

    private void Count(KeyOperation operation, int change)
    {
        if (operation.Condition.Value is { } wanted) Count(wanted, change);
        if (operation.IsRead || operation.Action == KeyAction.DeleteVersion) Count(operation.Value, change);
    }

    private void Count(long value, int change) => _names[value] = _names.GetValueOrDefault(value) + change;
}
