using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;

namespace OrleansDfs.Silo.Supervision;

/// <summary>
/// Calls that the supervisor makes beside its rounds: what fails as silos and the catalog fail is logged, and the next round plans it again.
/// </summary>
internal static class BackgroundCalls
{
    public static async Task ObserveAsync(this ILogger log, string what, Task call)
    {
        try
        {
            await call;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or CatalogException)
        {
            log.LogWarning("The {What} failed and will be tried again: {Reason}", what, e.Message);
        }
    }
}
