using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;

namespace OrleansDfs.Silo.Lifecycle;

/// <summary>
/// Looks every minute which buckets have lifecycle rules to be carried out. It keeps nothing: how far each pass came is in the catalog, and every
/// deletion is decided there, so an activation that dies or is doubled costs some reading and nothing else. A reminder brings it back wherever its
/// silo dies.
/// </summary>
[KeepAlive]
[GrainType("lifecycle")]
public sealed class LifecycleGrain(LifecycleRound round, SiloOptions options, ILogger<LifecycleGrain> log) : Grain, ILifecycleGrain, IRemindable
{
    private const string Reminder = "awake";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await this.RegisterOrUpdateReminder(Reminder, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), cancellationToken);
        var often = new GrainTimerCreationOptions(options.LifecyclePeriod, options.LifecyclePeriod) { Interleave = true };
        this.RegisterGrainTimer(RunAsync, often);
        if (options.LifecycleDay != TimeSpan.FromDays(1))
            log.LogWarning("Lifecycle rules take {Day} for a day: a setting for tests, which deletes files early", options.LifecycleDay);
    }

    public Task Wake() => Task.CompletedTask;

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await round.RunAsync(cancellation);
        }
        catch (CatalogException e)
        {
            log.LogWarning("Lifecycle rules wait for the catalog: {Reason}", e.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.LogDebug("Lifecycle rules go on elsewhere");
        }
    }
}
