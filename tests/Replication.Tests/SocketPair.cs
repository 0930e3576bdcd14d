using System.Net;
using System.Net.Sockets;

namespace OrleansDfs.Replication.Tests;

/// <summary>A listener on a free loopback port.</summary>
internal sealed class Loopback : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public Loopback()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public ValueTask<Socket> AcceptAsync() => _listener.AcceptAsync(Patience.Token());

    public async Task<(Socket Client, Socket Server)> PairAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, Port);
        return (client, await AcceptAsync());
    }

    public void Dispose() => _listener.Dispose();
}

/// <summary>What a test waits for at most before it fails; never what it waits for when it passes.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static CancellationToken Token() => new CancellationTokenSource(Limit).Token;

    public static async Task<T> Within<T>(this Task<T> task) => await task.WaitAsync(Limit);

    public static async Task Within(this Task task) => await task.WaitAsync(Limit);
}
