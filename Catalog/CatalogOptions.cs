namespace OrleansDfs.Catalog;

/// <summary>Names of the two engines, as Orleans' ADO.NET providers spell them: one setting serves both.</summary>
public static class CatalogInvariants
{
    public const string PostgreSql = "Npgsql";

    /// <summary>Microsoft.Data.Sqlite is used; Orleans knows it only under this name.</summary>
    public const string Sqlite = "System.Data.SQLite";
}

/// <summary>How a process reaches the catalog.</summary>
public sealed record CatalogOptions
{
    /// <summary>One of <see cref="CatalogInvariants"/>.</summary>
    public required string Invariant { get; init; }

    /// <summary>Of Npgsql or Microsoft.Data.Sqlite. For SQLite <c>Data Source=FILE</c> is enough.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>How long a start waits for a database that does not answer yet.</summary>
    public TimeSpan WaitForDatabase { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Shown in <c>pg_stat_activity</c>.</summary>
    public string ApplicationName { get; init; } = "orleansdfs";

    /// <summary>Most connections of this process (PostgreSQL).</summary>
    public int MaxPoolSize { get; init; } = 24;

    /// <summary>Most batches of commits in flight at once. SQLite has one writer whatever is set here.</summary>
    public int Committers { get; init; } = 2;

    /// <summary>Most coalesced read queries in flight at once.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Commits, or reads, that wait and are worth a batch of their own beside one that is under way.</summary>
    public int Crowd { get; init; } = 32;

    /// <summary>Most writes in one transaction, most reads in one query.</summary>
    public int MaxBatch { get; init; } = 256;

    /// <summary>Writes, and as many reads, that wait for a batch; further ones are refused as Busy at once. Five seconds' work of a database that
    /// does 2,000 a second: who came later would have given up before its turn.</summary>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>Longest wait for a row lock (P16: a seal may wait behind committers, and they behind it), and SQLite's busy_timeout.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>For simulations (SQLite): batches run on this scheduler and every statement on the thread that asks, so that one seed gives one run.
    /// <c>null</c>: threads of the engine's own, and the pool.</summary>
    internal TaskScheduler? Simulated { get; init; }
}
