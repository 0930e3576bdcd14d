using OrleansDfs.Model;

namespace OrleansDfs.Replication.Tests;

public class RebalanceDecisionTests
{
    private const long ChunkSize = 256L << 20;
    private const long Capacity = 4L << 40;

    /// <summary>Issue 4: adding a node moves no more than its fair share (±10 %), and the moves end by themselves.</summary>
    [Theory]
    [InlineData(3, 1, 400)]
    [InlineData(10, 1, 1000)]
    [InlineData(60, 5, 6000)]
    public void New_nodes_take_their_fair_share_and_nothing_else_moves(int old, int added, int chunks)
    {
        var random = new Random(old);
        var nodes = Enumerable.Range(0, old + added).Select(i => Node($"rack{i}")).ToArray();
        var rows = Enumerable.Range(1, chunks)
            .Select(id => Chunk(id, [.. Enumerable.Range(0, old).OrderBy(_ => random.Next()).Take(3).Select(i => nodes[i].Node)])).ToList();

        var moves = Run(nodes, rows);

        var fair = chunks * 3 * ChunkSize / (old + added);
        foreach (var node in nodes.TakeLast(added)) Assert.InRange(moves.Where(m => m.Target == node.Node).Sum(m => m.Bytes), fair * 0.9, fair * 1.1);
        Assert.InRange(moves.Sum(m => m.Bytes), fair * added * 0.9, fair * added * 1.1 + (old * ChunkSize));
        var bytes = Bytes(rows);
        Assert.All(nodes, n => Assert.InRange(bytes[n.Node], fair * 0.9, fair * 1.1));
    }

    [Fact]
    public void Larger_nodes_hold_more()
    {
        var nodes = new[] { Node("a"), Node("b"), Node("c"), Node("d") with { TotalBytes = 2 * Capacity, FreeBytes = 2 * Capacity } };
        var rows = Enumerable.Range(1, 200).Select(id => Chunk(id, [nodes[0].Node, nodes[1].Node])).ToList();
        Run(nodes, rows);
        var bytes = Bytes(rows);
        Assert.InRange(bytes[nodes[3].Node] / (double)bytes[nodes[2].Node], 1.8, 2.2);
    }

    /// <summary>Two replicas of a chunk are never brought into one failure domain, or onto one node.</summary>
    [Fact]
    public void The_spread_is_kept()
    {
        var nodes = Enumerable.Range(0, 8).Select(i => Node($"rack{i / 2}")).ToArray();
        var rows = Enumerable.Range(1, 300).Select(id => Chunk(id, [nodes[0].Node, nodes[2].Node, nodes[4].Node])).ToList();
        Run(nodes, rows);
        var domains = nodes.ToDictionary(n => n.Node, n => n.Domain);
        Assert.All(rows, c => Assert.Equal(3, c.Replicas.Select(r => domains[r.Node]).Distinct().Count()));
    }

    [Fact]
    public void Nodes_that_are_away_or_leave_or_cannot_write_take_no_part()
    {
        StorageNodeInfo[] nodes =
        [
            Node("a"), Node("b"), Node("c") with { Alive = false }, Node("d") with { State = NodeState.Draining }, Node("e") with { ReadOnly = true },
            Node("f") with { FsyncFailed = true },
        ];
        Assert.Equal(nodes.Take(2).Select(n => n.Node).ToHashSet(), RebalanceDecision.Shares(nodes, new Dictionary<NodeId, long>())
            .Select(s => s.Node.Node).ToHashSet());
    }

    [Fact]
    public void A_chunk_with_a_copy_or_a_proof_under_way_stays()
    {
        var nodes = new[] { Node("a"), Node("b") };
        var chunk = Chunk(1, [nodes[0].Node]);
        var shares = RebalanceDecision.Shares(nodes, new Dictionary<NodeId, long> { [nodes[0].Node] = 4 * ChunkSize });
        Assert.NotNull(RebalanceDecision.Next(shares[0], shares, [chunk], new HashSet<ChunkId>()));
        Assert.Null(RebalanceDecision.Next(shares[0], shares, [chunk], new HashSet<ChunkId> { chunk.Chunk }));
        Assert.Null(RebalanceDecision.Next(shares[0], shares, [chunk with { State = ChunkState.Retired }], new HashSet<ChunkId>()));
        var proof = chunk with { Replicas = [.. chunk.Replicas, new Replica(NodeId.New(), 5, 0, ReplicaState.Unverified)] };
        Assert.Null(RebalanceDecision.Next(shares[0], shares, [proof], new HashSet<ChunkId>()));
    }

    /// <summary>All moves, each done before the next is decided.</summary>
    private static List<RebalanceMove> Run(StorageNodeInfo[] nodes, List<ChunkRow> rows)
    {
        var moves = new List<RebalanceMove>();
        var bytes = Bytes(rows);
        while (true)
        {
            var shares = RebalanceDecision.Shares(nodes, bytes);
            var move = RebalanceDecision.Givers(shares).Select(full => RebalanceDecision.Next(full, shares, rows, new HashSet<ChunkId>()))
                .FirstOrDefault(m => m is not null);
            if (move is null) return moves;
            Assert.True(moves.Count < 10 * rows.Count, "the moves do not end");
            moves.Add(move);
            bytes[move.From.Node] -= move.Bytes;
            bytes[move.Target] = bytes.GetValueOrDefault(move.Target) + move.Bytes;
            var at = (int)move.Chunk.Value - 1;
            rows[at] = rows[at] with { Replicas = [.. rows[at].Replicas.Select(r => r == move.From ? r with { Node = move.Target } : r)] };
        }
    }

    private static Dictionary<NodeId, long> Bytes(IEnumerable<ChunkRow> rows) =>
        rows.SelectMany(c => c.Replicas).GroupBy(r => r.Node).ToDictionary(g => g.Key, g => g.Count() * ChunkSize);

    private static StorageNodeInfo Node(string domain) =>
        PlacementTests.Info(NodeState.Registered, true, domain) with { TotalBytes = Capacity, FreeBytes = Capacity };

    private static ChunkRow Chunk(long id, NodeId[] on) => new(
        new ChunkId(id), ChunkState.Sealed, ChunkKind.Shared, 9, ChunkSize, 3, on[0], 1,
        [.. on.Select((n, i) => new Replica(n, i + 1, 0, ReplicaState.Live))]);
}
