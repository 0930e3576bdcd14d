namespace OrleansDfs.Simulation.Tests;

/// <summary>What is done to one step of a path.</summary>
enum Harm
{
    /// <summary>The step fails: EIO, a lost message, a connection lost before COMMIT was sent.</summary>
    Fail,

    /// <summary>The step is done, and its answer is lost.</summary>
    LoseAnswer,

    /// <summary>No room on this disk.</summary>
    DiskFull,

    /// <summary>kill -9 of the node whose step it is.</summary>
    KillNode,

    /// <summary>The power of that node goes.</summary>
    CutNode,

    /// <summary>Every silo stops, and no call of a grain is answered any more.</summary>
    StopSilos,

    /// <summary>The power of all machines goes; the client's too.</summary>
    CutAll,
}

static class Harms
{
    /// <summary>What can happen to a step of this kind.</summary>
    public static IReadOnlyList<Harm> Of(StepKind kind) => kind switch
    {
        StepKind.Disk => [Harm.Fail, Harm.DiskFull, Harm.KillNode, Harm.CutNode, Harm.CutAll],
        StepKind.Message => [Harm.Fail, Harm.LoseAnswer, Harm.KillNode, Harm.CutNode, Harm.CutAll],
        _ => [Harm.Fail, Harm.LoseAnswer, Harm.StopSilos, Harm.CutAll],
    };

    public static Fate Strike(this SimulatedCluster cluster, SimulatedClient client, string step, StepKind kind, Harm harm)
    {
        switch (harm)
        {
            case Harm.LoseAnswer:
                return Fate.FailsAfter;
            case Harm.DiskFull:
                return Fate.Full;
            case Harm.KillNode or Harm.CutNode:
                // "node2: Sync ..." or "client -> node2: append ..."
                var name = step[(kind == StepKind.Disk ? 0 : step.IndexOf("-> ", StringComparison.Ordinal) + 3)..];
                var node = cluster.Nodes.Single(n => n.Name == name[..name.IndexOf(':', StringComparison.Ordinal)]);
                if (harm == Harm.KillNode) cluster.Kill(node);
                else cluster.CutPower(node);
                return Fate.Fails;
            case Harm.StopSilos:
                cluster.StopSilo();
                return Fate.Goes; // a call and a transaction that are under way may well end
            case Harm.CutAll:
                client.Process.IsDead = true;
                cluster.CutAllPower();
                return Fate.Fails;
            default:
                return Fate.Fails;
        }
    }
}
