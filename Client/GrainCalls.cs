using Orleans.Runtime;

namespace OrleansDfs.Client;

/// <summary>What may go wrong with a grain call besides its own outcome: silos come and go.</summary>
internal static class GrainCalls
{
    /// <summary>Worth another try where trying twice does no harm. Any of these may mean that the call did run (ORLEANS §4): a commit is not sent again.</summary>
    public static bool IsTransient(Exception e) => e is OrleansException or TimeoutException or IOException or System.Net.Sockets.SocketException;
}
