using Orleans.GrainDirectory;
using Orleans.Runtime;

namespace OrleansDfs.Silo.Placement;

/// <summary>
/// The directory of grains that are on whichever silo is asked. Orleans looks every grain up before it places it, stateless workers too, and with its
/// own directory a third of the lookups go to a silo that may have just died: seen as calls that fail until the death is declared. Nothing is ever
/// found here, so each silo places them on itself and asks nobody.
/// </summary>
public sealed class NoDirectory : IGrainDirectory
{
    public const string Name = "none";

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}
