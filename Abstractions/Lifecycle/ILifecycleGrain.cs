using Orleans.Concurrency;

namespace OrleansDfs.Abstractions;

/// <summary>The one that carries out the lifecycle rules of all buckets. A singleton; two at once do no harm.</summary>
[Alias("dfs.ILifecycleGrain")]
public interface ILifecycleGrain : IGrainWithIntegerKey
{
    /// <summary>Called by the supervisor now and then, so that it is active somewhere.</summary>
    [Alias("Wake"), AlwaysInterleave]
    Task Wake();
}
