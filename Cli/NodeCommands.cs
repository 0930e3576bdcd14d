using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using Spectre.Console;

namespace OrleansDfs.Cli;

/// <summary>What an operator does with storage nodes: <c>odfs node ...</c> and <c>odfs rebalance</c>. Each answers with what is left to do.</summary>
internal sealed class NodeCommands(DfsOperations operations, IDfsClient client, IAnsiConsole console)
{
    public static bool Has(string command) => command.StartsWith("node ", StringComparison.Ordinal);

    public async Task NodeAsync(Request request, CancellationToken cancellation)
    {
        var dryRun = request.Flags.Contains("--dry-run");
        if (request.Command == "node progress")
        {
            var leaving = await operations.ProgressAsync();
            if (leaving.Length == 0) Say("No node is leaving.");
            foreach (var node in leaving) Report(node, dryRun: false);
            return;
        }
        var target = await FindAsync(request.Operands[0], cancellation);
        var done = request.Command switch
        {
            "node drain" => operations.DrainAsync(target, dryRun),
            "node stay" => operations.StayAsync(target),
            "node trust" => operations.TrustAsync(target),
            "node replace" => operations.ReplaceAsync(target, await FindAsync(request.Operands[1], cancellation), dryRun),
            _ => operations.DecommissionAsync(target, request.Flags.Contains("--lost"), dryRun),
        };
        Report(await done, dryRun);
    }

    public async Task RebalanceAsync(Request request)
    {
        var status = request.Flags.Contains("--stop") ? await operations.StopRebalanceAsync()
            : request.Flags.Contains("--progress") ? await operations.RebalanceProgressAsync()
            : await operations.RebalanceAsync(request.Flags.Contains("--dry-run"));
        var table = new Table().Border(TableBorder.Simple).AddColumns("Node", "Silo", "Holds", "Fair share");
        foreach (var share in status.Shares) table.AddRow(Short(share.Node), Markup.Escape(share.SiloName), Sizes.Text(share.Bytes),
            Sizes.Text(share.Fair));
        console.Write(table);
        if (status.IsRunning)
            Say($"Rebalancing since {status.Since:u}: {Sizes.Text(status.Moved)} of {Sizes.Text(status.Planned)} moved, "
                + $"{Sizes.Text(status.Left)} over the fair shares{Eta(status.TimeLeft)}");
        else Say(status.Left == 0 ? "Every node holds its fair share." : $"No rebalance is under way; {Sizes.Text(status.Left)} would move.");
    }

    public async Task ScrubAsync(Request request)
    {
        if (request.Flags.Contains("--start")) await operations.StartScrubAsync();
        var table = new Table().Border(TableBorder.Simple).AddColumns("Node", "Silo", "Replicas", "To read again", "Bytes", "Oldest verified");
        foreach (var node in await operations.ScrubProgressAsync())
        {
            table.AddRow(
                Short(node.Node), Markup.Escape(node.SiloName), $"{node.Replicas}", $"{node.Due}", Sizes.Text(node.DueBytes),
                node.Oldest is { } oldest ? $"{oldest:u}" : "-");
        }
        console.Write(table);
    }

    private void Report(NodeProgress node, bool dryRun)
    {
        var name = $"Node {Short(node.Node)} ({node.SiloName})";
        if (dryRun) Say($"{name}: {node.Replicas} replicas, {Sizes.Text(node.Bytes)} would leave.");
        else if (node.State == NodeState.Registered) Say($"{name} stays; {node.Replicas} replicas, {Sizes.Text(node.Bytes)} are on it.");
        else if (node.Replicas == 0) Say($"{name} is {State(node.State)} and empty: 0 replicas by the catalog.");
        else
            Say($"{name} is {State(node.State)} since {node.Since:u}: {node.Replicas} of {node.ReplicasThen} replicas, "
                + $"{Sizes.Text(node.Bytes)} left{Eta(node.TimeLeft)}");
        if (node.NoTarget > 0) Say($"{node.NoTarget} chunks have no other node to go to: it would not end. Add a node first.");
        if (node.OnlyCopies > 0) Say($"{node.OnlyCopies} chunks have their only live copy there.");
    }

    /// <exception cref="UsageException">None or several nodes are called so.</exception>
    private async Task<NodeId> FindAsync(string name, CancellationToken cancellation)
    {
        var nodes = (await client.StatusAsync(cancellation)).Nodes.Nodes;
        var found = nodes.Where(n => n.SiloName == name).ToList();
        if (found.Count == 0 && name.Length >= 4) found = [.. nodes.Where(n => n.Node.ToString()
            .StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        return found.Count switch
        {
            1 => found[0].Node,
            0 => throw new UsageException($"No storage node is called '{name}'; 'odfs status' lists them."),
            _ => throw new UsageException($"{found.Count} storage nodes are called '{name}': use the first digits of an id from 'odfs status'."),
        };
    }

    private static string State(NodeState state) => state == NodeState.Draining ? "draining" : "decommissioned";

    private static string Short(NodeId node) => node.ToString()[..8];

    private static string Eta(TimeSpan? left) =>
        left is { } time ? $", about {(time.TotalMinutes < 2 ? $"{time.TotalSeconds:0} s" : $"{time.TotalMinutes:0} min")} to go" : "";

    private void Say(string line) => console.Profile.Out.Writer.WriteLine(line);
}
