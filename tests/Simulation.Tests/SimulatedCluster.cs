using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo;
using OrleansDfs.Silo.Chunks;
using OrleansDfs.Silo.Nodes;
using OrleansDfs.Silo.Supervision;
using OrleansDfs.Storage;

namespace OrleansDfs.Simulation.Tests;

/// <summary>
/// Storage nodes with the real engine on disks in memory, the real catalog (SQLite, in the caller's thread), the real coordinators, and links between
/// them; all in one <see cref="World"/>. Catalog transactions happen one at a time, at once: what races between them is tested elsewhere
/// (tests/Catalog.Tests), here it is everything around them.
/// </summary>
sealed class SimulatedCluster : IAsyncDisposable
{
    private static readonly BucketName BucketKey = BucketName.Parse("bucket");

    /// <summary>With its schema and the bucket: making those takes longer than most of what is simulated.</summary>
    private static byte[]? _emptyCatalog;

    private readonly string _folder = Directory.CreateDirectory(
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"simulation-{Guid.NewGuid():N}")).FullName;
    private readonly Random _random;
    private readonly List<SimulatedNode> _nodes = [];

    private SimulatedCluster(World world, int seed, bool delays)
    {
        World = world;
        _random = new Random(seed);
        Network = new SimulatedNetwork(world, delays ? new Random(seed + 1) : null);
    }

    public World World { get; }

    public SimulatedNetwork Network { get; }

    /// <summary>All silos: what calls of grains reach, and where coordinators run.</summary>
    public SimulatedProcess Silo { get; private set; } = new("silo");

    public SiloOptions Options { get; } = new()
    {
        ChunkSize = 4 << 20,
        Grace = TimeSpan.FromSeconds(20),
        ChunkLease = TimeSpan.FromSeconds(10),
        RepairAfter = TimeSpan.FromSeconds(5),
        ClusterSecretFile = "none",
    };

    /// <summary>What goes wrong; nothing unless a test says so.</summary>
    public Faults Faults { get; set; } = (_, _) => Fate.Goes;

    public CatalogDatabase Catalog { get; private set; } = null!;

    public NodeBook Book { get; private set; } = null!;

    public ChunkOpener Opener { get; private set; } = null!;

    public ChunkSealer Sealer { get; private set; } = null!;

    public ChunkRepairer Repairer { get; private set; } = null!;

    public ChunkCompactor Compactor { get; private set; } = null!;

    public GarbageSweep Sweep { get; private set; } = null!;

    public BucketInfo Bucket { get; private set; } = null!;

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public static async Task<SimulatedCluster> StartAsync(World world, int nodes, int seed, bool delays)
    {
        var cluster = new SimulatedCluster(world, seed, delays);
        cluster.Options.Node.ReserveBytes = 0;
        cluster.Options.Compaction.BytesPerSecond = 0;
        await cluster.OpenAsync(nodes);
        return cluster;
    }

    public Fate Ask(string step, StepKind kind)
    {
        var fate = Faults(step, kind);
        World.Note(fate == Fate.Goes ? step : $"{step}: {fate}");
        return fate;
    }

    /// <summary>A little time on the way to a silo and back, where messages take time.</summary>
    public Task PauseAsync() => Network.Arrival("caller", "silo") is { } arrival ? arrival(() => { }) : Task.CompletedTask;

    public SimulatedNode Find(NodeId node) => _nodes.Single(n => n.Id == node);

    public IChunkPeer Peer(SimulatedProcess from, NodeAddress address) => new Link(this, from, Find(address.Node), address);

    public void SealLater(ChunkId chunk) => _ = SealAsync(chunk, "released");

    /// <summary>kill -9: what the system has in its cache stays, what the process had is gone.</summary>
    public void Kill(SimulatedNode node) => End(node, power: null);

    /// <summary>What was not synced survives by chance.</summary>
    public void CutPower(SimulatedNode node) => End(node, _random);

    public async Task StartAsync(SimulatedNode node)
    {
        var process = new SimulatedProcess(node.Name);
        node.Process = process;
        node.Disk.Fault = (call, name) => Ask($"{process.Name}: {call} {name}", StepKind.Disk) switch
        {
            Fate.Goes => DiskError.None,
            Fate.Full => DiskError.Full,
            _ => DiskError.Failed,
        };
        var store = await ChunkStore.OpenAsync(node.Disk, Catalog.ClusterId, new ChunkStoreOptions { ReserveBytes = 0 });
        var incarnation = await Catalog.Nodes.RegisterAsync(
            new NodeRegistration(node.Id, node.Name, "127.0.0.1", 1, node.Name, 1L << 40, 1L << 40));
        var started = new StorageNode(
            store, new NodeAddress(node.Id, incarnation, "127.0.0.1", 1), address => Peer(process, address),
            new StorageNodeOptions { QuarantineGrace = Options.Grace }, World.Time);
        started.ChunkBroken += (chunk, _) => SealLater(chunk);
        using var reconciler = new Reconciler(Catalog, started, World.Time, NullLogger<Reconciler>.Instance);
        await reconciler.RunAsync(atStart: true, CancellationToken.None);
        node.Node = started;
        World.Note($"{node.Name} has started");
    }

    /// <summary>Nobody answers calls of grains; storage nodes live on.</summary>
    public void StopSilo() => Silo.IsDead = true;

    /// <summary>Another silo process: what the coordinators remembered is gone, and what they had begun ends nowhere.</summary>
    public void StartSilo()
    {
        StopSilo();
        var silo = Silo = new SimulatedProcess("silo");
        IChunkPeer From(NodeAddress address) => Peer(silo, address);
        var grains = new SimulatedGrains(this, silo);
        Book = new NodeBook(Catalog, Options, World.Time);
        Opener = new ChunkOpener(Catalog, Book, From, new Suspects(World.Time), Options, World.Time, NullLogger<ChunkOpener>.Instance)
        {
            Random = new Random(_random.Next()),
        };
        Sealer = new ChunkSealer(Catalog, Book, From, Options, World.Time, NullLogger<ChunkSealer>.Instance);
        Repairer = new ChunkRepairer(Catalog, Book, From, grains.Factory, NullLogger<ChunkRepairer>.Instance);
        Compactor = new ChunkCompactor(Catalog, Book, Opener, Sealer, From, Options, World.Time, NullLogger<ChunkCompactor>.Instance);
        Sweep = new GarbageSweep(Catalog, Book, From, Options, World.Time, NullLogger<GarbageSweep>.Instance);
    }

    /// <summary>Kills everything but the catalog's file, with the power of all machines.</summary>
    public void CutAllPower()
    {
        StopSilo();
        foreach (var node in _nodes) CutPower(node);
    }

    /// <summary>
    /// Takes the power of all, so that only what is durable is left (I2), and starts all again. P9: a failed fsync is an operator's to lift; now
    /// there is nothing in any cache that is not on the disk.
    /// </summary>
    public async Task RestartAllAsync()
    {
        CutAllPower();
        StartSilo();
        foreach (var node in _nodes)
        {
            await StartAsync(node);
            await node.Node!.LiftFsyncMarkAsync();
            await Catalog.Nodes.LiftFsyncFailedAsync(node.Id);
        }
    }

    /// <summary>The heartbeats of all nodes that run.</summary>
    public async Task BeatAsync()
    {
        foreach (var node in _nodes)
        {
            if (node.Node is { } there) await new Heartbeat(there, Catalog).BeatAsync(CancellationToken.None);
        }
    }

    /// <summary>What silos do every few seconds, once: heartbeats, seals, inventories, repair, collection of garbage, compaction.</summary>
    public async Task TendAsync()
    {
        await BeatAsync();
        foreach (var row in await Catalog.Chunks.FindToSealAsync(Options.NodeTimeout, 100)) await SealAsync(row.Chunk, "abandoned");
        foreach (var node in _nodes)
        {
            if (node.Node is not { } there) continue;
            using var reconciler = new Reconciler(Catalog, there, World.Time, NullLogger<Reconciler>.Instance);
            await reconciler.RunAsync(atStart: false, CancellationToken.None);
        }
        foreach (var row in await Catalog.Chunks.UnderReplicatedAsync(Options.Replicas, Options.RepairAfter, 100))
        {
            var table = await Book.TableAsync();
            var target = table.Nodes.FirstOrDefault(
                n => n is { Alive: true, ReadOnly: false, FsyncFailed: false } && row.Replicas.All(r => r.Node != n.Node));
            if (target is not null) await Repairer.RepairAsync(row.Chunk, target.Node, CancellationToken.None);
        }
        await Sweep.RunAsync(CancellationToken.None);
        await Catalog.Compaction.MeasureAsync(Options.Grace, 100);
        var dead = await Catalog.Compaction.CandidatesAsync(Options.Grace, Options.Compaction.DeadPercent, 100);
        if (dead.Count == 0) return;
        await Compactor.CompactAsync([.. dead.Select(d => d.Chunk)], Options.Compaction.DeadPercent, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            if (node.Node is { } there) await there.DisposeAsync();
        await Catalog.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync(int nodes)
    {
        var file = Path.Combine(_folder, "catalog.db");
        if (_emptyCatalog is null)
        {
            await using (var first = await OpenCatalogAsync(file))
                await first.Buckets.CreateAsync(BucketKey, "root", "us-east-1", false, new Dictionary<string, string>());
            _emptyCatalog = File.ReadAllBytes(file); // here, not on a thread of the pool
        }
        else
        {
            File.WriteAllBytes(file, _emptyCatalog);
        }
        Catalog = await OpenCatalogAsync(file);
        Bucket = (await Catalog.Buckets.FindAsync(BucketKey))!;
        for (var i = 1; i <= nodes; i++)
        {
            var node = new SimulatedNode(i, Catalog.ClusterId);
            _nodes.Add(node);
            var identity = await node.Disk.OpenAsync("identity.json", DiskOpen.CreateNew);
            await identity.Value.WriteAsync(0, [node.Identity]);
            await identity.Value.SyncAsync();
            await node.Disk.SyncFolderAsync("");
            identity.Value.Dispose();
            await StartAsync(node);
        }
        StartSilo();
        Catalog.Engine.AtCommit = point => Ask($"commit {point}", StepKind.Commit) == Fate.Goes
            ? Task.CompletedTask : throw new IOException("The connection to the catalog was lost.");
    }

    private Task<CatalogDatabase> OpenCatalogAsync(string file) => CatalogDatabase.OpenAsync(
        new CatalogOptions
        {
            Invariant = CatalogInvariants.Sqlite,
            ConnectionString = $"Data Source={file}",
            Simulated = TaskScheduler.FromCurrentSynchronizationContext(),
        },
        World.Time);

    private async Task SealAsync(ChunkId chunk, string reason)
    {
        try
        {
            await Sealer.SealAsync(chunk, reason);
        }
        catch (CatalogException e)
        {
            World.Note($"seal of {chunk}: {e.Message}"); // the supervisor comes by again
        }
    }

    private void End(SimulatedNode node, Random? power)
    {
        if (node.Node is not { } old) return;
        World.Note($"{node.Name} is killed{(power is null ? "" : ", its power cut")}");
        node.Process.IsDead = true;
        node.Node = null;
        node.Disk = power is null ? node.Disk.Kill() : node.Disk.CutPower(power);
        // Not from within one of its own calls.
        World.Post(_ => old.DisposeAsync().AsTask(), null);
    }
}
