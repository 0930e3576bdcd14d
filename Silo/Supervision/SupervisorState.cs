namespace OrleansDfs.Silo.Supervision;

/// <summary>What the supervisor remembers over restarts, in Orleans' grain storage.</summary>
public sealed class SupervisorState
{
    public long RepairedChunks { get; set; }

    /// <summary>Physical bytes copied.</summary>
    public long RepairedBytes { get; set; }
}
