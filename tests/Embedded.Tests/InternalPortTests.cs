using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansDfs.Client;
using OrleansDfs.Replication;
using OrleansDfs.Silo;
using OrleansDfs.Silo.Nodes;

namespace OrleansDfs.Embedded.Tests;

/// <summary>One server for all probes: whatever they do to it, the next finds it well.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "odfs-ports-" + Guid.NewGuid().ToString("N"));

    public EmbeddedServer Server { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Server = await EmbeddedServer.StartAsync(new EmbeddedOptions { Directory = Folder, Port = 0, Log = false });

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>
/// S3.md §6 row 9: every internal port, probed without the cluster's secret. Orleans' silo port, its gateway port and the storage node's port.
/// </summary>
public sealed class InternalPortTests(RunningServer running) : IClassFixture<RunningServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = running.Folder;

    public enum InternalPort
    {
        Silo,
        Gateway,
        Node,
    }

    /// <summary>What Orleans would have answered: its preamble is a length and a serialized record. 'Garbage' is random, 'http' a browser.</summary>
    [Theory]
    [InlineData(InternalPort.Silo, "http")]
    [InlineData(InternalPort.Silo, "garbage")]
    [InlineData(InternalPort.Silo, "preamble")]
    [InlineData(InternalPort.Gateway, "http")]
    [InlineData(InternalPort.Gateway, "garbage")]
    [InlineData(InternalPort.Gateway, "preamble")]
    [InlineData(InternalPort.Node, "http")]
    [InlineData(InternalPort.Node, "garbage")]
    public async Task Whoever_does_not_begin_as_a_member_is_closed_at_once(InternalPort port, string what)
    {
        using var socket = await ConnectAsync(port);
        await socket.SendAsync(what switch
        {
            "http" => "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(),
            "preamble" => [40, 0, 0, 0, .. new byte[40]],
            _ => RandomNumberGenerator.GetBytes(2048),
        });
        Assert.True(await ReadToEndAsync(socket) <= 7, "more than a TLS alert came back"); // 5 bytes of record, 2 of alert
    }

    /// <summary>Whoever connects and says nothing is closed when the handshake is due.</summary>
    [Fact]
    public async Task Silence_is_closed() =>
        Assert.All(await Task.WhenAll(Enum.GetValues<InternalPort>().Select(SilentAsync)), bytes => Assert.Equal(0, bytes));

    private async Task<int> SilentAsync(InternalPort port)
    {
        using var socket = await ConnectAsync(port);
        return await ReadToEndAsync(socket);
    }

    [Theory]
    [InlineData(InternalPort.Silo)]
    [InlineData(InternalPort.Gateway)]
    [InlineData(InternalPort.Node)]
    public async Task Another_secret_is_refused(InternalPort port)
    {
        using var socket = await ConnectAsync(port);
        var other = new ClusterTls(RandomNumberGenerator.GetBytes(32));
        var protocol = port == InternalPort.Node ? ClusterTls.Chunks : ClusterTls.Orleans;
        await Assert.ThrowsAsync<AuthenticationException>(() => other.ConnectAsync(new NetworkStream(socket), protocol, Soon()));
    }

    [Theory]
    [InlineData(InternalPort.Silo)]
    [InlineData(InternalPort.Gateway)]
    [InlineData(InternalPort.Node)]
    public async Task The_clusters_secret_opens_it(InternalPort port)
    {
        using var socket = await ConnectAsync(port);
        var member = new ClusterTls(ClusterSecret.Read(Path.Combine(_folder, "cluster.secret")));
        var protocol = port == InternalPort.Node ? ClusterTls.Chunks : ClusterTls.Orleans;
        await using var stream = await member.ConnectAsync(new NetworkStream(socket), protocol, Soon());
        Assert.True(stream.IsMutuallyAuthenticated);
    }

    [Fact]
    public async Task A_client_with_the_secret_works_and_one_with_another_reaches_nothing()
    {
        using (var member = await ClientAsync(Path.Combine(_folder, "cluster.secret")))
        {
            var dfs = member.Services.GetRequiredService<IDfsClient>();
            await dfs.CreateBucketAsync("secured");
            using var content = new MemoryStream("what was written"u8.ToArray());
            await dfs.WriteAsync("secured", "key", content);
            await using var read = await dfs.OpenReadAsync("secured", "key");
            using var reader = new StreamReader(read.Content);
            Assert.Equal("what was written", await reader.ReadToEndAsync());
            await member.StopAsync();
        }
        var another = await SecretFileAsync("another.secret", new string('x', 43));
        await Assert.ThrowsAnyAsync<Exception>(() => ClientAsync(another));
    }

    [Theory]
    [InlineData(null, "is not set")]
    [InlineData("/nowhere/cluster.secret", "is not there")]
    public async Task A_client_without_a_secret_stops_with_one_sentence(string? file, string sentence)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ClientAsync(file));
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task A_silo_with_another_secret_cannot_join_nor_one_without_and_both_say_why()
    {
        var another =
            await Assert.ThrowsAsync<SiloStartException>(async () => await SiloAsync(await SecretFileAsync("another.secret", new string('x', 43))));
        Assert.Contains("another secret", another.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<SiloStartException>(() => SiloAsync(null));
        Assert.Contains("ClusterSecretFile is not set", none.Message, StringComparison.Ordinal);
        var open = await SecretFileAsync("open.secret", new string('x', 43));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Contains("chmod 600", (await Assert.ThrowsAsync<SiloStartException>(() => SiloAsync(open))).Message, StringComparison.Ordinal);
        }
        var brief = await SecretFileAsync("brief.secret", "too short");
        Assert.Contains("shorter than 32", (await Assert.ThrowsAsync<SiloStartException>(() => SiloAsync(brief))).Message, StringComparison.Ordinal);
    }

    private static CancellationToken Soon() => new CancellationTokenSource(Patience).Token;

    private async Task<Socket> ConnectAsync(InternalPort port)
    {
        var endpoints = running.Server.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        var number = port switch
        {
            InternalPort.Silo => endpoints.SiloPort,
            InternalPort.Gateway => endpoints.GatewayPort,
            _ => running.Server.Services.GetRequiredService<NodeHost>().Node.Address.Port,
        };
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, number);
        return socket;
    }

    /// <summary>Bytes until the other side closes.</summary>
    private static async Task<int> ReadToEndAsync(Socket socket)
    {
        var total = 0;
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, SocketFlags.None).WaitAsync(Patience) is var count && count > 0) total += count;
        }
        catch (SocketException)
        {
            return total; // reset, for it had sent what nobody read
        }
        return total;
    }

    private async Task<string> SecretFileAsync(string name, string secret)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, secret);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>With the settings that the server leaves for clients, but for the secret.</summary>
    private async Task<IHost> ClientAsync(string? secretFile)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, string?>>(await File.ReadAllTextAsync(Path.Combine(_folder, "client.json")))!;
        settings["OrleansDfs:ClusterSecretFile"] = secretFile;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        builder.AddOrleansDfsClient(options => options.ConnectTimeout = TimeSpan.Zero);
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private async Task SiloAsync(string? secretFile)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:catalog"] = $"Data Source={Path.Combine(_folder, "catalog.db")}",
            ["Orleans:Clustering:Invariant"] = "System.Data.SQLite",
            ["OrleansDfs:Node:Directory"] = Path.Combine(_folder, "another"),
            ["OrleansDfs:ClusterSecretFile"] = secretFile,
        }).Build();
        await using var silo = await SiloHost.OpenAsync(configuration, NullLoggerFactory.Instance, TimeProvider.System, default);
    }
}
