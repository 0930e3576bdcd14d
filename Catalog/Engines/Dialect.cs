using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace OrleansDfs.Catalog.Engines;

/// <summary>
/// What the two engines spell differently. SQL is written once, with words in braces where they disagree:
/// <c>{rows}</c> the rows of a <see cref="RowSet"/> as relation <c>r</c>; <c>{for update of k}</c> a row lock (SQLite has one writer and needs none);
/// <c>{now}</c> the database's clock in microseconds; <c>{any x, y}</c> "= one of" in a form that uses an index; <c>{c}</c> the collation of bytes;
/// and names of
/// functions and types.
/// </summary>
internal abstract partial class Dialect
{
    private readonly ConcurrentDictionary<string, string> _texts = new();

    /// <summary>The statement in this dialect. A text always goes with the same columns of rows, so it is worked out once.</summary>
    public string Text(string sql, RowSet? rows = null)
    {
        if (_texts.TryGetValue(sql, out var text)) return text;
        text = Braces().Replace(sql, match =>
        {
            var word = match.Groups[1].Value;
            return word switch
            {
                "rows" => Rows(rows ?? throw new InvalidOperationException($"No rows were given for: {sql}")),
                _ when word.StartsWith("for ", StringComparison.Ordinal) => Lock(word),
                _ when word.StartsWith("any ", StringComparison.Ordinal) => Any(word[4..]),
                _ => Word(word),
            };
        });
        return _texts.GetOrAdd(sql, text);
    }

    protected abstract string Rows(RowSet rows);

    protected abstract string Lock(string clause);

    protected abstract string Any(string list);

    protected abstract string Word(string word);

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Braces();
}

/// <summary>PostgreSQL, and what speaks like it.</summary>
internal sealed class PostgresDialect : Dialect
{
    public static readonly PostgresDialect Instance = new();

    protected override string Rows(RowSet rows) =>
        $"unnest({string.Join(", ", rows.Columns.Select(c => $"@r_{c.Name}"))}) AS r({string.Join(", ", rows.Columns.Select(c => c.Name))})";

    protected override string Lock(string clause) => clause.ToUpperInvariant();

    protected override string Any(string list) => $"= ANY (ARRAY[{list}])";

    protected override string Word(string word) => word switch
    {
        "now" => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
        "c" => "COLLATE \"C\"",
        "text" => "TEXT COLLATE \"C\"",
        "uuid" => "UUID",
        "bytes" => "BYTEA",
        "instant" => "TIMESTAMPTZ",
        "identity" => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "strpos" => "strpos",
        "greatest" => "GREATEST",
        "skip locked" => "FOR UPDATE SKIP LOCKED",
        _ => throw new InvalidOperationException($"The dialect has no word '{word}'."),
    };
}

/// <summary>SQLite. A statement over rows runs once per row: calls cost no round trip there.</summary>
internal sealed class SqliteDialect : Dialect
{
    public static readonly SqliteDialect Instance = new();

    protected override string Rows(RowSet rows) => $"(SELECT {string.Join(", ", rows.Columns.Select(c => $"@r_{c.Name} AS {c.Name}"))}) AS r";

    protected override string Lock(string clause) => "";

    protected override string Any(string list) => $"IN ({list})";

    protected override string Word(string word) => word switch
    {
        "now" => "now_us()",
        "c" or "skip locked" => "",
        "text" => "TEXT",
        "uuid" => "TEXT",
        "bytes" => "BLOB",
        "instant" => "TEXT",
        "identity" => "INTEGER PRIMARY KEY AUTOINCREMENT",
        "strpos" => "instr",
        "greatest" => "max",
        _ => throw new InvalidOperationException($"The dialect has no word '{word}'."),
    };
}
