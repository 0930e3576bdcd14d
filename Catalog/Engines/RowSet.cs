namespace OrleansDfs.Catalog.Engines;

/// <summary>Rows that a statement runs over, by columns: one array parameter each on PostgreSQL, one execution per row on SQLite.</summary>
internal abstract class RowSet
{
    private readonly List<(string Name, Array Values)> _columns = [];

    public abstract int Count { get; }

    public IReadOnlyList<(string Name, Array Values)> Columns => _columns;

    public static RowSet<T> Over<T>(IReadOnlyCollection<T> items) => new(items);

    protected void Add(string name, Array values) => _columns.Add((name, values));
}

internal sealed class RowSet<T>(IReadOnlyCollection<T> items) : RowSet
{
    public override int Count => items.Count;

    public RowSet<T> With<TColumn>(string name, Func<T, TColumn> value)
    {
        Add(name, items.Select(value).ToArray());
        return this;
    }
}
