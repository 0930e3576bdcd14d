using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// The cluster's internal TCP ports, by name. Each is drawn once, from the free ones of 20000–32000, and kept in <c>ports.json</c>, so that
/// addresses in the catalog's node table stay true over restarts. Below 32768, because above it the system hands ports out for outgoing
/// connections (Linux: ip_local_port_range) and could take a silo's port while that silo is down.
/// </summary>
public sealed class Ports
{
    public const int First = 20000;
    public const int Last = 32000;

    readonly string _file;
    readonly SortedDictionary<string, int> _ports;

    Ports(string file, SortedDictionary<string, int> ports)
    {
        _file = file;
        _ports = ports;
    }

    /// <summary>All ports drawn so far.</summary>
    public IReadOnlyDictionary<string, int> All => _ports;

    public static Ports Load(DataFolder folder)
    {
        var file = folder.Combine("ports.json");
        try
        {
            var ports = File.Exists(file) ? JsonSerializer.Deserialize<SortedDictionary<string, int>>(File.ReadAllText(file)) : null;
            return new Ports(file, ports ?? []);
        }
        catch (JsonException e)
        {
            throw new SetupException($"{file} cannot be read ({e.Message}): delete it, ports are then drawn anew.", e);
        }
    }

    /// <summary>The kept port of that name, or a free one drawn now. A kept port that somebody else has taken is replaced.</summary>
    /// <exception cref="SetupException">No free port in the range.</exception>
    public int Get(string name)
    {
        if (_ports.TryGetValue(name, out var kept) && IsFree(kept))
            return kept;
        var start = Random.Shared.Next(First, Last);
        for (var i = 0; i < Last - First; i++)
        {
            var port = First + ((start - First + i) % (Last - First));
            if (_ports.ContainsValue(port) || !IsFree(port))
                continue;
            _ports[name] = port;
            return port;
        }
        throw new SetupException($"No free TCP port on 127.0.0.1 from {First} to {Last}: stop something that listens there.");
    }

    public void Save() => File.WriteAllText(_file, JsonSerializer.Serialize(_ports, _indented));

    static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    /// <summary>True if the port can be listened on at 127.0.0.1 now.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// Waits until the S3 port and all kept ports are free. After a kill -9 of the AppHost its children need seconds to notice and to end;
    /// a start meanwhile must not draw new ports beside them.
    /// </summary>
    /// <exception cref="SetupException">The S3 port is still taken at the end.</exception>
    public async Task WaitForReleaseAsync(int s3Port, TimeSpan patience, TimeProvider time, CancellationToken cancel)
    {
        // The gateway's health port is among the kept ones and goes with its S3 port, so a stranger on the S3 port costs no patience.
        var start = time.GetTimestamp();
        int[] kept = [.. _ports.Where(port => port.Key != PostgresPort).Select(port => port.Value)];
        while (!kept.All(IsFree) && time.GetElapsedTime(start) < patience)
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancel);
        if (!IsFree(s3Port))
            throw new SetupException(Taken(s3Port));
    }

    public static string Taken(int port, string option = "--port") =>
        $"Port {port} on 127.0.0.1 is taken by another program: stop that program, or choose another port with {option} N.";

    /// <summary>The name of the private PostgreSQL's port; a server left over there is stopped by its own rules.</summary>
    public const string PostgresPort = "postgres";
}
