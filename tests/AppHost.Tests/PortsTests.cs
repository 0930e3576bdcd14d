using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

public class PortsTests
{
    [Fact]
    public void Ports_are_drawn_below_the_ephemeral_range_all_different_and_kept()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        var ports = Ports.Load(data);
        var drawn = Enumerable.Range(0, 20).Select(number => ports.Get("p" + number)).ToList();
        ports.Save();
        Assert.All(drawn, port => Assert.InRange(port, 20000, 31999));
        Assert.Equal(20, drawn.Distinct().Count());
        Assert.Equal(ports.All, Ports.Load(data).All);
    }

    [Fact]
    public void A_kept_port_that_is_taken_is_replaced()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        var ports = Ports.Load(data);
        var port = ports.Get("silo1.node");
        Assert.Equal(port, ports.Get("silo1.node"));
        using var stranger = Listen(port);
        Assert.False(Ports.IsFree(port));
        Assert.NotEqual(port, ports.Get("silo1.node"));
    }

    [Fact]
    public async Task A_taken_S3_port_is_one_sentence_with_the_port_and_what_to_do()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        var ports = Ports.Load(data);
        var s3 = ports.Get("any");
        using var stranger = Listen(s3);
        // No port of ours is known in a new folder, so that nothing is waited for: the clock stands still.
        var error = await Assert.ThrowsAsync<SetupException>(() =>
            Ports.Load(data).WaitForReleaseAsync(s3, TimeSpan.FromHours(1), new FakeTimeProvider(), CancellationToken.None));
        Assert.Contains($"Port {s3} ", error.Message, StringComparison.Ordinal);
        Assert.Contains("--port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ports_of_a_killed_run_are_waited_for()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        var ports = Ports.Load(data);
        var kept = ports.Get("silo1.silo");
        var s3 = ports.Get("free");
        var leftover = Listen(kept);
        var released = ports.WaitForReleaseAsync(s3, TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
        Assert.False(released.IsCompleted);
        leftover.Dispose();
        await released;
    }

    static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }
}
