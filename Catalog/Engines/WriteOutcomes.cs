namespace OrleansDfs.Catalog.Engines;

/// <summary>Turns the two ends of a transaction that is nobody's fault into values.</summary>
internal static class WriteOutcomes
{
    public static async Task<T> WriteAsync<T>(this Engine engine, Func<Session, Task<T>> body, Func<CatalogStatus, T> otherwise,
        CancellationToken cancellation)
    {
        try
        {
            return await engine.WriteAsync(body, cancellation);
        }
        catch (CatalogUnavailableException)
        {
            return otherwise(CatalogStatus.Unavailable);
        }
        catch (CatalogOutcomeUnknownException)
        {
            return otherwise(CatalogStatus.Unknown);
        }
    }
}
