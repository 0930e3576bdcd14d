using Microsoft.Extensions.DependencyInjection;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Embedded;
using Spectre.Console;

namespace OrleansDfs.Cli.Tests;

/// <summary>Users, keys and policies by the commands, against a server in this process.</summary>
public sealed class AccountCommandsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("odfs-accounts-");
    private EmbeddedServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await EmbeddedServer.StartAsync(new EmbeddedOptions { Directory = _folder.FullName, Port = 0, Log = false });

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_users_life()
    {
        await RunAsync("user", "add", "anna", "--email", "anna@example.com");
        Assert.Contains("anna\n", await RunAsync("user", "list"), StringComparison.Ordinal);
        Assert.Equal(DfsStatus.Conflict, await FailsAsync("user", "add", "anna"));
        Assert.Equal(DfsStatus.InvalidRequest, await FailsAsync("user", "add", "an na"));
        Assert.Equal(DfsStatus.Conflict, await FailsAsync("user", "remove", "root"));

        Assert.Matches("^AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}\nAWS_SECRET_ACCESS_KEY=[A-Za-z0-9]{40}\n$", await RunAsync("key", "add", "anna"));
        var secret = Path.Combine(_folder.FullName, "secret");
        await File.WriteAllTextAsync(secret, "a-secret-of-her-own\n");
        Assert.Equal("AWS_ACCESS_KEY_ID=ANNASKEY\nAWS_SECRET_ACCESS_KEY=a-secret-of-her-own\n",
            await RunAsync("key", "add", "anna", "--access-key", "ANNASKEY", "--secret-file", secret));
        await RunAsync("key", "disable", "anna", "ANNASKEY");
        Assert.Contains("ANNASKEY", await RunAsync("key", "list", "anna"), StringComparison.Ordinal);
        Assert.Contains("(disabled)", await RunAsync("key", "list", "anna"), StringComparison.Ordinal);
        await RunAsync("key", "disable", "anna", "ANNASKEY", "--off");
        Assert.DoesNotContain("(disabled)", await RunAsync("key", "list", "anna"), StringComparison.Ordinal);
        await RunAsync("key", "remove", "anna", "ANNASKEY");

        var policy = Path.Combine(_folder.FullName, "policy.json");
        await File.WriteAllTextAsync(policy, """{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}""");
        await RunAsync("policy", "put", "anna", "all", policy);
        Assert.Equal("all\n", await RunAsync("policy", "list", "anna"));
        Assert.Contains("s3:*", await RunAsync("policy", "get", "anna", "all"), StringComparison.Ordinal);
        Assert.Contains("policy all", await RunAsync("user", "show", "anna"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(policy, """{"Statement":{"Effect":"Allow","Action":"s3:Nonsense","Resource":"*"}}""");
        Assert.Equal(DfsStatus.InvalidRequest, await FailsAsync("policy", "put", "anna", "bad", policy));
        await RunAsync("policy", "remove", "anna", "all");
        Assert.Equal(DfsStatus.NotFound, await FailsAsync("policy", "get", "anna", "all"));

        await RunAsync("user", "disable", "anna");
        Assert.Contains("anna (disabled)", await RunAsync("user", "list"), StringComparison.Ordinal);
        await RunAsync("user", "remove", "anna");
        Assert.Equal(DfsStatus.NotFound, await FailsAsync("user", "show", "anna"));
    }

    private async Task<string> RunAsync(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        var accounts = new AccountCommands(_server.Services.GetRequiredService<DfsAccounts>(), console);
        var client = _server.Services.GetRequiredService<IDfsClient>();
        var nodes = new NodeCommands(_server.Services.GetRequiredService<DfsOperations>(), client, console);
        await new Commands(client, accounts, nodes, console).RunAsync(CommandLine.ParseCommand(words), CancellationToken.None);
        return output.ToString();
    }

    private async Task<DfsStatus> FailsAsync(params string[] words) => (await Assert.ThrowsAsync<DfsException>(() => RunAsync(words))).Status;
}
