using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Chunks;
using OrleansDfs.Silo.Nodes;
using OrleansDfs.Silo.Supervision;
using OrleansDfs.Storage;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>
/// Storage nodes with real engines in folders, a real catalog in SQLite and the real coordinators, in one process without Orleans and without
/// sockets;
/// the clock is the test's. Files are written as a writer does and read from every live replica, page by page.
/// </summary>
internal sealed class SmallCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansdfs-background-").FullName;
    private readonly Dictionary<NodeId, StorageNode> _nodes = [];
    private readonly Dictionary<NodeId, string> _folders = [];
    private readonly Random _random;
    private OpenChunk? _shared;

    private SmallCluster(int seed, SiloOptions options)
    {
        _random = new Random(seed);
        Options = options;
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));
    public SiloOptions Options { get; }
    public CatalogDatabase Catalog { get; private set; } = null!;
    public BucketInfo Bucket { get; private set; } = null!;
    public NodeBook Book { get; private set; } = null!;
    public ChunkOpener Opener { get; private set; } = null!;
    public ChunkSealer Sealer { get; private set; } = null!;
    public ChunkCompactor Compactor { get; private set; } = null!;
    public GarbageSweep Sweep { get; private set; } = null!;
    public IReadOnlyCollection<StorageNode> Nodes => _nodes.Values;

    /// <summary>Stands between the coordinators and the nodes; a test puts its faults here.</summary>
    public Func<IChunkPeer, IChunkPeer> Between { get; set; } = peer => peer;

    /// <summary>What must be readable: key → hash of its bytes.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public static async Task<SmallCluster> StartAsync(int nodes = 3, int seed = 1, Action<SiloOptions>? configure = null)
    {
        var options = new SiloOptions { ChunkSize = 4 << 20, Grace = TimeSpan.FromMinutes(10), ClusterSecretFile = "none" };
        options.Node.ReserveBytes = 0;
        options.Compaction.BytesPerSecond = 0; // the clock stands still
        configure?.Invoke(options);
        var cluster = new SmallCluster(seed, options);
        await cluster.OpenAsync(nodes);
        return cluster;
    }

    public async Task<StorageNode> AddNodeAsync(string? folder = null)
    {
        folder ??= Path.Combine(_folder, $"node{_folders.Count}");
        var store = await ChunkStore.OpenAsync(FileSystemDisk.Open(folder), Catalog.ClusterId, new ChunkStoreOptions { ReserveBytes = 0 });
        var name = $"silo-{store.NodeId}";
        var incarnation = await Catalog.Nodes.RegisterAsync(
            new NodeRegistration(store.NodeId, name, "127.0.0.1", 1, name, 1L << 40, 1L << 40));
        var node = new StorageNode(
            store, new NodeAddress(store.NodeId, incarnation, "127.0.0.1", 1), Peer,
                new StorageNodeOptions { QuarantineGrace = Options.Grace }, Time);
        _nodes[store.NodeId] = node;
        _folders[store.NodeId] = folder;
        using var reconciler = new Reconciler(Catalog, node, Time, NullLogger<Reconciler>.Instance);
        await reconciler.RunAsync(atStart: true, CancellationToken.None);
        return node;
    }

    /// <summary>As a crash: nobody is told.</summary>
    public async Task StopNodeAsync(NodeId node)
    {
        await _nodes[node].DisposeAsync();
        _nodes.Remove(node);
    }

    public Task<StorageNode> RestartNodeAsync(NodeId node) => AddNodeAsync(_folders[node]);

    public async Task AdvanceAsync(TimeSpan time)
    {
        Time.Advance(time);
        foreach (var node in _nodes.Values)
            Assert.True(await Catalog.Nodes.HeartbeatAsync(node.Address.Node, node.Address.Incarnation, 1L << 40, 1L << 40, false));
    }

    public async Task WriteAsync(string key, int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        var blob = await AppendAsync(key, bytes);
        var commit = new CommitRequest(
            Bucket.Ref, ObjectKey.Parse(key), AttemptId.New(), blob, "etag", FileProperties.Empty,
                new Dictionary<string, string>(), WritePrecondition.None);
        Assert.Equal(CatalogStatus.Ok, (await Catalog.Files.CommitAsync(commit)).Status);
        Files[key] = SHA256.HashData(bytes);
    }

    public async Task DeleteAsync(string key)
    {
        await Catalog.Files.DeleteAsync(new DeleteRequest(Bucket.Ref, ObjectKey.Parse(key), AttemptId.New(), default, null));
        Files.Remove(key);
    }

    /// <summary>Bytes that are durable and that no version refers to yet.</summary>
    public async Task<WrittenBlob> AppendAsync(string key, byte[] bytes)
    {
        var blob = BlobId.New();
        var owner = new RecordOwner(BucketName.Parse("bucket"), ObjectKey.Parse(key));
        var extents = new List<Extent>();
        for (var at = 0; at < bytes.Length; at += RecordLayout.MaxPayload)
        {
            var record = Record(owner, blob, at, bytes.AsSpan(at, Math.Min(RecordLayout.MaxPayload, bytes.Length - at)));
            var (chunk, result) = await AppendAsync(record);
            var extent = new Extent(chunk, result.Start, result.End, Math.Min(RecordLayout.MaxPayload, bytes.Length - at));
            if (extents.Count > 0 && ExtentLayout.TryJoin(extents[^1], extent, out var joined)) extents[^1] = joined;
            else extents.Add(extent);
        }
        return new WrittenBlob(blob, bytes.Length, extents);
    }

    /// <summary>Seals the chunk that is written to; the next write opens another. Answers which it was.</summary>
    public async Task<ChunkId?> SealAsync()
    {
        if (_shared is not { } open) return null;
        _shared = null;
        Assert.Equal(DfsStatus.Ok, (await Sealer.SealAsync(open.Chunk, "test")).Status);
        return open.Chunk;
    }

    /// <summary>What the supervisor does with chunks that nobody seals.</summary>
    public async Task SealAbandonedAsync()
    {
        foreach (var row in await Catalog.Chunks.FindToSealAsync(Options.NodeTimeout, 100))
            if (row.Chunk != _shared?.Chunk) await Sealer.SealAsync(row.Chunk, "abandoned");
    }

    /// <summary>Every file, from every live replica of its chunks.</summary>
    public async Task CheckAsync()
    {
        foreach (var (key, hash) in Files)
        {
            var read = await Catalog.Files.ReadAsync(new ReadRequest(Bucket.Ref, ObjectKey.Parse(key), default, null));
            Assert.Equal(CatalogStatus.Ok, read.Status);
            await CheckAsync(key, hash, read.Manifest!);
        }
    }

    public async Task CheckAsync(string key, byte[] hash, ManifestPage manifest)
    {
        var locations = manifest.Locations.ToDictionary(l => l.Chunk, l => l.Replicas.Where(r => _nodes.ContainsKey(r.Node)).ToList());
        for (var copy = 0; copy < Math.Max(1, locations.Values.Max(l => l.Count)); copy++)
        {
            using var body = new MemoryStream();
            foreach (var extent in manifest.Extents)
            {
                var replicas = locations[extent.Chunk];
                Assert.True(replicas.Count > 0, $"{key}: no node holds a live replica of chunk {extent.Chunk}");
                await ReadAsync(key, extent, replicas[copy % replicas.Count], body);
            }
            Assert.True(hash.AsSpan().SequenceEqual(SHA256.HashData(body.ToArray())), $"{key} has other bytes than were written");
        }
    }

    public IChunkPeer Peer(NodeAddress address) => Between(_nodes.TryGetValue(address.Node, out var node) ? node : new AwayPeer(address));

    public StorageNode Node(NodeId node) => _nodes[node];

    /// <summary>The file of a replica on its node's disk.</summary>
    public string PathOf(NodeId node, ReplicaFile file) =>
        Directory.EnumerateFiles(_folders[node], $"{file}.chunk", SearchOption.AllDirectories).Single();

    public long DiskBytes() =>
        _folders.Values.Sum(f => Directory.EnumerateFiles(f, "*.chunk", SearchOption.AllDirectories).Sum(p => new FileInfo(p).Length));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values) await node.DisposeAsync();
        await Catalog.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync(int nodes)
    {
        Catalog = await CatalogDatabase.OpenAsync(
            new CatalogOptions { Invariant = CatalogInvariants.Sqlite, ConnectionString = $"Data Source={Path.Combine(_folder, "catalog.db")}" },
                Time);
        for (var i = 0; i < nodes; i++) await AddNodeAsync();
        Book = new NodeBook(Catalog, Options, Time);
        Opener = new ChunkOpener(Catalog, Book, Peer, new Suspects(Time), Options, Time, NullLogger<ChunkOpener>.Instance);
        Sealer = new ChunkSealer(Catalog, Book, Peer, Options, Time, NullLogger<ChunkSealer>.Instance);
        Compactor = new ChunkCompactor(Catalog, Book, Opener, Sealer, Peer, Options, Time, NullLogger<ChunkCompactor>.Instance);
        Sweep = new GarbageSweep(Catalog, Book, Peer, Options, Time, NullLogger<GarbageSweep>.Instance);
        var bucket = await Catalog.Buckets.CreateAsync(BucketName.Parse("bucket"), "root", "us-east-1", false, new Dictionary<string, string>());
        Bucket = bucket.Bucket!;
    }

    private async Task<(ChunkId Chunk, AppendResult Result)> AppendAsync(byte[] record)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            _shared ??= (await Opener.OpenAsync(new OpenChunkRequest("test", ChunkKind.Shared, [], null),
                Options.ChunkSize, TimeSpan.FromDays(1))).Chunk;
            Assert.NotNull(_shared);
            var primary = new AppendRequest(new ReplicaFile(_shared.Chunk, _shared.PrimaryEpoch), _shared.PrimaryIncarnation);
            var node = (await Book.FindAsync(_shared.Primary))!;
            var result = await Peer(NodeAddress.Of(node)).AppendAsync(primary, record, CancellationToken.None);
            if (result.Status == ChunkStatus.Ok) return (_shared.Chunk, result);
            await SealAsync();
        }
        throw new InvalidOperationException("No chunk takes the record.");
    }

    private async Task ReadAsync(string key, Extent extent, ReplicaAt replica, MemoryStream into)
    {
        var layout = new ExtentLayout(extent);
        for (long at = 0; at < extent.Length;)
        {
            var run = layout.Locate(at, extent.Length - at);
            var pages = new byte[run.Length];
            var status = await _nodes[replica.Node]
                .ReadAsync(new ReplicaFile(extent.Chunk, replica.Epoch), run.Offset, pages, CancellationToken.None);
            Assert.True(status == ChunkStatus.Ok, $"{key}: {extent} on node {replica.Node}: {status}");
            Assert.True(Format.VerifyPages(pages, run.Payload, extent.Chunk, run.Offset), $"{key}: {extent} on node {replica.Node} is corrupt");
            var payload = new byte[run.Take];
            Format.CopyPayload(pages, run.Payload, run.Skip, payload);
            into.Write(payload);
            at += run.Take;
        }
    }

    private static byte[] Record(RecordOwner owner, BlobId blob, long offset, ReadOnlySpan<byte> payload)
    {
        var record = new byte[Format.RecordSize(owner, payload.Length)];
        var header = Format.HeaderSize(owner);
        Format.WriteHeader(record, owner, blob, offset, payload.Length);
        for (var page = 0; page < RecordLayout.PageCount(payload.Length); page++)
        {
            payload.Slice(page * RecordLayout.PageSize, Format.PageLength(payload.Length, page))
                .CopyTo(record.AsSpan(header + Format.PageStart(page)));
        }
        Format.SealPages(record.AsSpan(header), payload.Length);
        return record;
    }
}
