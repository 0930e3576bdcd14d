using System.Reflection;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using Spectre.Console;

namespace OrleansDfs.Cli.Tests;

/// <summary><c>odfs scrub</c>: how far each node is, and the order to read all again.</summary>
public sealed class ScrubCommandTests
{
    private readonly StringWriter _output = new();
    private readonly Operations _operations;
    private readonly NodeCommands _commands;

    public ScrubCommandTests()
    {
        var grain = DispatchProxy.Create<IOperationsGrain, Operations>();
        _operations = (Operations)(object)grain;
        var client = DispatchProxy.Create<IClusterClient, ClusterClient>();
        ((ClusterClient)(object)client).Grain = grain;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_output), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        _commands = new NodeCommands(new DfsOperations(client), null!, console);
    }

    [Fact]
    public async Task It_shows_each_node_and_starts_nothing()
    {
        var oldest = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        _operations.Scrubs = [new NodeScrub(NodeId.New(), "silo1", 40, 3, 2048, oldest), new NodeScrub(NodeId.New(), "silo2", 41, 0, 0, null)];

        await _commands.ScrubAsync(CommandLine.ParseCommand(["scrub"]));

        Assert.Equal([nameof(IOperationsGrain.ScrubProgress)], _operations.Calls);
        var lines = _output.ToString().Split('\n');
        Assert.Contains(lines, l => l.Contains("silo1", StringComparison.Ordinal) && l.Contains(" 40 ", StringComparison.Ordinal)
            && l.Contains(" 3 ", StringComparison.Ordinal) && l.Contains("2026-11-24 12:00:00Z", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("silo2", StringComparison.Ordinal) && l.Contains(" - ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_start_every_replica_is_read_again_and_the_progress_shown()
    {
        await _commands.ScrubAsync(CommandLine.ParseCommand(["scrub", "--start"]));
        Assert.Equal([nameof(IOperationsGrain.StartScrub), nameof(IOperationsGrain.ScrubProgress)], _operations.Calls);
    }

    public class Operations : DispatchProxy
    {
        public NodeScrub[] Scrubs { get; set; } = [];

        public List<string> Calls { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Calls.Add(targetMethod!.Name);
            return targetMethod.Name == nameof(IOperationsGrain.ScrubProgress) ? Task.FromResult(Scrubs) : Task.CompletedTask;
        }
    }

    public class ClusterClient : DispatchProxy
    {
        public IOperationsGrain Grain { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grain;
    }
}
