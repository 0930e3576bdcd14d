using OrleansDfs.Catalog;

namespace OrleansDfs.Silo.Hosting;

/// <summary>
/// Exceptions of the catalog cannot cross the wire: callers do not know their types. Grains answer with statuses where they can; what still comes
/// out of one, while the database is away, becomes an exception that every caller takes for what it is: try again later. An unknown outcome stays
/// one: nobody sends a change again (P18).
/// </summary>
public sealed class CatalogFailures : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (CatalogException e)
        {
            throw new OrleansException(e.Message);
        }
    }
}
