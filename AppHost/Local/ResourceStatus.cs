namespace OrleansDfs.AppHost.Local;

/// <summary>What a resource is doing.</summary>
public enum ResourceState
{
    /// <summary>Not started yet: something it needs is not healthy.</summary>
    Waiting,
    Starting,

    /// <summary>The process runs; its health check has not passed, or no longer passes.</summary>
    Running,
    Healthy,

    /// <summary>Stopped because it was asked to.</summary>
    Finished,

    /// <summary>Ended by itself; it will be restarted.</summary>
    Exited,
    Restarting,
}

/// <summary>A resource at one moment.</summary>
/// <param name="ExitCode">Of the last process that ended, or null.</param>
/// <param name="Restarts">How often it has been started again.</param>
public sealed record ResourceStatus(ResourceState State, int? Pid, int? ExitCode, int Restarts)
{
    public string Text => State == ResourceState.Exited ? $"Exited({ExitCode})" : State.ToString();
}
