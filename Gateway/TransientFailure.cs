using System.Net.Sockets;
using Orleans.Runtime;

namespace OrleansDfs.Gateway;

/// <summary>
/// What may go wrong with a grain call besides its outcome: no silo, a silo that went away, one that is too busy, an answer that is late.
/// </summary>
static class TransientFailure
{
    /// <summary>Any of these may mean that the call did run: a commit is not sent again (PROTOCOL P18).</summary>
    public static bool Is(Exception exception) => exception is OrleansException or TimeoutException or SocketException;
}
