using System.Net;
using System.Net.Sockets;
using OrleansDfs.Replication;

namespace OrleansDfs.Node;

/// <summary>
/// The listener of the chunk protocol (docs/formats/wire.md). Two steps, because the node's incarnation is registered with its port before anything
/// is served (P1):
/// <see cref="ListenAsync"/> takes the port, <see cref="Start"/> begins to accept.
/// </summary>
public sealed class ChunkEndpoint(ClusterIdentity cluster, ChunkEndpointOptions options, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointConnection, Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private bool _disposed;

    /// <summary>A connection was not let in, and why. From any thread; it must not block.</summary>
    public event Action<EndPoint?, string>? Refused;

    /// <summary>A request met an unexpected exception: a bug; its connection was closed. From any thread; it must not block.</summary>
    public event Action<Exception>? Faulted;

    /// <summary>Open connections.</summary>
    public int Connections
    {
        get
        {
            lock (_gate) return _connections.Count;
        }
    }

    /// <summary>Takes the port; who connects waits. The end point tells the port when none was configured.</summary>
    /// <exception cref="SocketException">The port is taken, or the host is none of this machine's.</exception>
    public async ValueTask<IPEndPoint> ListenAsync()
    {
        var host = IPAddress.TryParse(options.Host, out var parsed) ? parsed : (await Dns.GetHostAddressesAsync(options.Host))[0];
        var listener = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(host, options.Port));
            listener.Listen(512);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
        _listener = listener;
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    /// <summary>Begins to serve this node. The node stays its owner's.</summary>
    public void Start(StorageNode node)
    {
        if (_listener is not { } listener) throw new InvalidOperationException("Listen first.");
        _accepting = AcceptAsync(listener, node);
    }

    /// <summary>Accepts no more, answers what is in work, closes. Dispose the node after it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        await _stop.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        KeyValuePair<EndpointConnection, Task>[] connections;
        lock (_gate) connections = [.. _connections];
        foreach (var (connection, _) in connections) connection.Stop();
        foreach (var (_, serving) in connections) await serving;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener, StorageNode node)
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Take(await listener.AcceptAsync(_stop.Token), node);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (!_stop.IsCancellationRequested)
            {
                // Out of descriptors, or the other side was gone already: neither ends the listener.
                Refused?.Invoke(null, e.Message);
                await Task.Delay(AcceptPause, time, CancellationToken.None);
            }
        }
    }

    private void Take(Socket socket, StorageNode node)
    {
        try
        {
            var remote = socket.RemoteEndPoint;
            if (Connections >= options.MaxConnections)
            {
                Refused?.Invoke(remote, $"there are {options.MaxConnections} connections already");
                socket.Dispose();
                return;
            }
            var connection = new EndpointConnection(socket, node, options, time, e => Faulted?.Invoke(e));
            lock (_gate) _connections.Add(connection, ServeAsync(connection, remote));
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task ServeAsync(EndpointConnection connection, EndPoint? remote)
    {
        await Task.Yield();
        try
        {
            if (await connection.HandshakeAsync(cluster) is { } reason) Refused?.Invoke(remote, reason);
            else await connection.ServeAsync();
        }
        catch (Exception e) when (e is Replication.Wire.WireException)
        {
            Refused?.Invoke(remote, e.Message);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other side has gone, or did not take its answers in time; the connection's end says all there is to say.
            return;
        }
        catch (Exception e)
        {
            Faulted?.Invoke(e);
        }
        finally
        {
            lock (_gate) _connections.Remove(connection);
            connection.Dispose();
        }
    }
}
