using System.Data.Common;

namespace OrleansDfs.Catalog.Engines;

/// <summary>What a database error means for the transaction it hit.</summary>
internal enum FaultKind
{
    /// <summary>Deadlock or serialization failure: rolled back; the whole transaction is run again.</summary>
    Retry,

    /// <summary>A lock was not to be had in time: rolled back.</summary>
    LockTimeout,

    /// <summary>The database is away, full or going down.</summary>
    Unavailable,

    /// <summary>The statement or its data were wrong: rolled back, and the caller gets the exception.</summary>
    Data,
}

/// <summary>Thrown inside a transaction that has to begin anew (a locked row was gone, P15).</summary>
internal sealed class TransactionRetryException(string message) : Exception(message);

/// <summary>
/// One of the two databases. A transaction's body may be run several times, so it keeps no results outside itself. How it ends: it returned (P19:
/// COMMIT was
/// acknowledged); <see cref="CatalogUnavailableException"/> (nothing happened); <see cref="CatalogOutcomeUnknownException"/> (P18: lost at COMMIT);
/// any other
/// exception (rolled back).
/// </summary>
internal abstract class Engine : IAsyncDisposable
{
    private const int Attempts = 10;

    public abstract Dialect Dialect { get; }

    /// <summary>For tests: called just before COMMIT is sent and just after it returned; an exception of it counts as a connection lost
    /// there.</summary>
    public Func<CommitPoint, Task>? AtCommit { get; set; }

    /// <summary>Runs statements outside a transaction; each sees all that is committed when it begins.</summary>
    public abstract Task<T> ReadAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation = default);

    /// <summary>As <see cref="ReadAsync{T}"/>, for statements that are a few index probes for each of their rows: planned as that once and for
    /// all.</summary>
    public virtual Task<T> ReadByProbesAsync<T>(Func<Session, Task<T>> body) => ReadAsync(body);

    /// <summary>One transaction. Statements that the body has collected and not run go together with COMMIT, in one round trip.</summary>
    public Task<T> WriteAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation = default) =>
        AttemptAsync(() => TransactAsync(body, cancellation));

    /// <summary>As <see cref="WriteAsync{T}"/>, of such statements as <see cref="ReadByProbesAsync{T}"/> is for.</summary>
    public Task<T> WriteByProbesAsync<T>(Func<Session, Task<T>> body) => AttemptAsync(() => TransactByProbesAsync(body));

    private async Task<T> AttemptAsync<T>(Func<Task<T>> transact)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await transact();
            }
            catch (Exception e) when (attempt < Attempts && (e is TransactionRetryException || (e is DbException d
                && Classify(d) == FaultKind.Retry)))
            {
                // Nothing was committed (PostgreSQL rolled it back as a whole, or the body gave up before COMMIT): begin anew.
            }
            catch (TransactionRetryException e)
            {
                throw new CatalogUnavailableException($"A transaction could not be finished in {Attempts} attempts.", e);
            }
            catch (DbException e) when (Classify(e) is FaultKind.Retry or FaultKind.Unavailable or FaultKind.LockTimeout)
            {
                throw new CatalogUnavailableException(e.Message, e);
            }
        }
    }

    public abstract FaultKind Classify(DbException error);

    public abstract ValueTask DisposeAsync();

    /// <summary>The error answers a statement that went together with COMMIT, in front of it; what follows an error is not run.</summary>
    protected virtual bool IsBeforeCommit(DbException error) => false;

    /// <summary>One transaction, once. Database errors before COMMIT come as they are; those at COMMIT are told apart here by
    /// <see cref="Classify"/>.</summary>
    protected abstract Task<T> TransactAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation);

    protected virtual Task<T> TransactByProbesAsync<T>(Func<Session, Task<T>> body) => TransactAsync(body, CancellationToken.None);

    /// <summary>
    /// Sends COMMIT, behind the statements that still wait. P18: only an error that the database answers as a rollback is one; all else leaves the
    /// outcome open.
    /// </summary>
    protected async Task CommitAsync(Func<Task> commit)
    {
        try
        {
            if (AtCommit is not null) await AtCommit(CommitPoint.Before);
            await commit();
            if (AtCommit is not null) await AtCommit(CommitPoint.After);
        }
        catch (DbException e) when (IsBeforeCommit(e) || Classify(e) is FaultKind.Retry or FaultKind.Data or FaultKind.LockTimeout)
        {
            throw;
        }
        catch (Exception e) when (e is DbException or IOException or TimeoutException or OperationCanceledException or InvalidOperationException)
        {
            throw new CatalogOutcomeUnknownException($"The connection was lost at COMMIT: {e.Message}", e);
        }
    }
}

internal enum CommitPoint
{
    Before,
    After,
}
