using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>
/// One transaction is held just before its COMMIT while another process begins one on the same key: what the second is judged on must be what the
/// first leaves behind. Only PostgreSQL has two writers at once.
/// </summary>
[Collection(PostgresCollection.Name)]
public sealed class RowLockTests(PostgresFixture fixture) : CatalogContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);

    /// <summary>P15: on a key that is there already, so that nobody waits for its insert, conditions are judged under its lock.</summary>
    [SkippableFact]
    public async Task Conditions_on_a_key_under_a_held_commit_are_judged_on_what_it_leaves()
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        var chunk = await ChunkAsync();
        await PutAsync(bucket, "k", chunk, "old");
        var condition = new WritePrecondition("old", null);
        var other = await UnderHeldCommitAsync(
            () => Catalog.Files.CommitAsync(Commit(bucket, "k", Blob(chunk), "first", condition)),
            () => second.Files.CommitAsync(Commit(bucket, "k", Blob(chunk), "second", condition)));
        Assert.Equal(CatalogStatus.PreconditionFailed, other.Status);
        Assert.Equal("first", (await ReadAsync(bucket, "k")).Version!.ETag);
    }

    /// <summary>P23: a copy locks its source, or it would refer to a blob that goes with the source's last version.</summary>
    [SkippableFact]
    public async Task A_copy_of_what_a_held_commit_deletes_finds_nothing()
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        var chunk = await ChunkAsync();
        var source = await PutAsync(bucket, "source", chunk);
        var other = await UnderHeldCommitAsync(
            () => DeleteAsync(bucket, "source"),
            () => second.Files.CopyAsync(new CopyRequest(
                bucket.Ref, ObjectKey.Parse("copy"), AttemptId.New(), bucket.Ref, ObjectKey.Parse("source"), source.Version, null, null,
                WritePrecondition.None)));
        Assert.Contains(other.Status, new[] { CatalogStatus.NoSuchKey, CatalogStatus.NoSuchVersion });
        Assert.Equal(CatalogStatus.NoSuchKey, (await ReadAsync(bucket, "copy")).Status);
    }

    /// <summary>Begins <paramref name="then"/> while <paramref name="held"/> waits before its COMMIT, which it goes on with when the other waits
    /// for a lock.</summary>
    private async Task<T> UnderHeldCommitAsync<THeld, T>(Func<Task<THeld>> held, Func<Task<T>> then)
        where THeld : class
    {
        Task<T>? other = null;
        Catalog.Engine.AtCommit = async point =>
        {
            if (point != CommitPoint.Before || other is not null) return;
            other = then();
            while (!other.IsCompleted && !await AnyoneWaitsForALockAsync()) await Task.Yield();
        };
        await held();
        Catalog.Engine.AtCommit = null;
        return await other!;
    }

    private Task<bool> AnyoneWaitsForALockAsync() =>
        Catalog.Engine.ReadAsync(async session => (await session.QueryAsync(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", r => r.GetInt64(0)))[0] > 0);
}
