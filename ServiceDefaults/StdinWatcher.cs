using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansDfs.ServiceDefaults;

/// <summary>
/// Ends the process when its standard input ends. The launcher holds the other end of that pipe open and never writes; the kernel closes
/// it when the launcher dies, also by kill -9, so that no child outlives it. On only with <c>ORLEANSDFS_EXIT_WITH_STDIN=1</c>: a service
/// started with stdin at /dev/null must not end at once.
/// </summary>
/// <remarks>Invariant: after the end of stdin the process is gone within <see cref="Grace"/>, whether or not its shutdown works.</remarks>
public sealed class StdinWatcher(IHostApplicationLifetime lifetime, ILogger<StdinWatcher> logger, TimeProvider? time = null) : IHostedService
{
    /// <summary>The configuration key, an environment variable as it is written.</summary>
    public const string Setting = "ORLEANSDFS_EXIT_WITH_STDIN";

    /// <summary>The time an orderly shutdown has before the process is ended by force.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    ITimer? _forcedEnd;

    /// <summary>True if the parent asked for it.</summary>
    public static bool IsWanted(IConfiguration configuration) => configuration[Setting] is "1" or "true";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: reading stdin blocks, and on Unix it does so in the asynchronous form too.
        new Thread(Watch) { IsBackground = true, Name = "stdin" }.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    void Watch()
    {
        using (var stdin = Console.OpenStandardInput())
            WaitForEnd(stdin);
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
            logger.LogWarning("Standard input is closed, so the parent process is gone or asks for the end: stopping.");
        _forcedEnd = (time ?? TimeProvider.System).CreateTimer(_ => Environment.Exit(1), null, Grace, Timeout.InfiniteTimeSpan);
        lifetime.StopApplication();
    }

    void WaitForEnd(Stream stdin)
    {
        Span<byte> ignored = stackalloc byte[256];
        try
        {
            while (stdin.Read(ignored) > 0)
            {
                // Whatever is typed into a child is of no interest, only the end is.
            }
        }
        catch (IOException e)
        {
            logger.LogDebug(e, "Standard input failed, which is its end too.");
        }
    }
}
