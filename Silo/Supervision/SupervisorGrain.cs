using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;

namespace OrleansDfs.Silo.Supervision;

/// <summary>
/// Looks every few seconds for what nobody else finishes. It decides by itself nothing that harms when two of it run: seals, repairs and sweeps are
/// compare-and-set in the catalog. A reminder brings it back wherever its silo dies, and every silo wakes it now and then, which is quicker.
/// </summary>
[KeepAlive]
[GrainType("supervisor")]
public sealed class SupervisorGrain(
    [PersistentState("supervisor")] IPersistentState<SupervisorState> state,
    SupervisorRound round,
    CompactionRound compaction,
    SiloOptions options,
    ILogger<SupervisorGrain> log) : Grain, ISupervisorGrain, IRemindable
{
    private const string Reminder = "awake";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await this.RegisterOrUpdateReminder(Reminder, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), cancellationToken);
        this.RegisterGrainTimer(RunAsync, new GrainTimerCreationOptions(options.SupervisorPeriod, options.SupervisorPeriod) { Interleave = true });
        log.LogInformation("The supervisor is active here");
    }

    public Task Wake() => Task.CompletedTask;

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    public Task<RepairTotals> Repairs() => Task.FromResult(
        new RepairTotals(state.State.RepairedChunks + round.Repaired.Chunks, state.State.RepairedBytes + round.Repaired.Bytes,
            round.Running, round.BytesPerSecond));

    /// <summary>Figures for people: a write that fails, or that another activation has overtaken, costs a count and nothing else.</summary>
    private async Task KeepTotalsAsync()
    {
        var done = round.TakeRepaired();
        if (done.Chunks == 0) return;
        state.State.RepairedChunks += done.Chunks;
        state.State.RepairedBytes += done.Bytes;
        await state.WriteStateAsync();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await round.RunAsync(cancellation);
            await KeepTotalsAsync();
            await compaction.RunAsync(cancellation);
        }
        catch (CatalogException e)
        {
            log.LogWarning("The supervisor waits for the catalog: {Reason}", e.Message);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            log.LogWarning("The supervisor waits for the cluster: {Reason}", e.Message);
        }
    }
}
