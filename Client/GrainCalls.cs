using Orleans.Runtime;
using OrleansDfs.Abstractions;

namespace OrleansDfs.Client;

/// <summary>What may go wrong with a grain call besides its own outcome: silos come and go.</summary>
internal static class GrainCalls
{
    private const int Tries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Worth another try where trying twice does no harm. Any of these may mean that the call did run (ORLEANS §4): a commit is not sent
    /// again.</summary>
    public static bool IsTransient(Exception e) => e is OrleansException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    /// <summary>A call that changes nothing: tried again when a silo goes in its midst.</summary>
    public static async Task<T> ReadAsync<T>(Func<Task<T>> call, TimeProvider time, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (IsTransient(e))
            {
                if (tries == Tries) throw new DfsException(DfsStatus.Unavailable, $"No silo answers: {e.Message}", e);
            }
            await Task.Delay(Pause * tries, time, cancellation);
        }
    }

    /// <summary>A call that makes something visible: sent once; without an answer its outcome is unknown (PROTOCOL P18).</summary>
    public static async Task<T> CommitAsync<T>(Func<Task<T>> call, string what)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (IsTransient(e))
        {
            throw new DfsException(DfsStatus.Unknown, $"{what}: no answer came, so it may or may not have happened.", e);
        }
    }
}
