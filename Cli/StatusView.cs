using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using Spectre.Console;

namespace OrleansDfs.Cli;

/// <summary>The state of the cluster on one screen.</summary>
internal static class StatusView
{
    public static void Write(ClusterStatus status, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Node", "Silo", "Address", "Domain", "State", "Free", "Total");
        foreach (var node in status.Nodes.Nodes.OrderBy(n => n.SiloName, StringComparer.Ordinal))
        {
            table.AddRow(
                node.Node.ToString()[..8],
                Markup.Escape(node.SiloName),
                Markup.Escape($"{node.Host}:{node.Port}"),
                Markup.Escape(node.Domain),
                StateOf(node),
                Sizes.Text(node.FreeBytes),
                Sizes.Text(node.TotalBytes));
        }
        console.Write(table);
        console.WriteLine($"Buckets {status.Buckets}, files {status.Files}, {Sizes.Text(status.Bytes)}");
        console.WriteLine($"Chunks {status.Chunks}, not sealed {status.Unsealed}, with too few replicas {status.UnderReplicated}");
        if (status.UnderReplicated > 0) console.WriteLine($"Repair has {Sizes.Text(status.MissingBytes)} left to copy{Eta(status)}");
        if (status.Repairs is { } repairs)
            console.WriteLine($"Repaired so far {repairs.Chunks} chunks, {Sizes.Text(repairs.Bytes)}; {repairs.Running} copies running");
        console.WriteLine(
            $"Replicas wanted {status.WantedReplicas}; a write needs at least {status.MinReplicas}. "
            + "What is acknowledged on k replicas survives the loss of k-1 nodes until repair has filled it up."); // P30
        var alive = status.Nodes.Nodes.Count(n => n.Alive && n.State == NodeState.Registered && !n.ReadOnly);
        if (alive < status.MinReplicas) console.WriteLine($"WRITES FAIL: only {alive} nodes can take them.");
        else if (alive < status.WantedReplicas)
            console.WriteLine($"New bytes get only {alive} replicas: {status.WantedReplicas - alive} nodes are missing.");
    }

    private static string Eta(ClusterStatus status) => status.Repairs is { BytesPerSecond: > 0 and var rate }
        ? $", {Sizes.Text(rate)} in a second: about {TimeSpan.FromSeconds(status.MissingBytes / rate):d\\.hh\\:mm\\:ss} left"
        : "";

    private static string StateOf(StorageNodeInfo node)
    {
        if (!node.Alive) return "[red]away[/]";
        if (node.FsyncFailed) return "[red]fsync failed[/]";
        if (node.State != NodeState.Registered) return node.State.ToString();
        return node.ReadOnly ? "[yellow]read-only[/]" : "[green]well[/]";
    }
}
