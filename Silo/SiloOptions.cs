using System.Net;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo;

/// <summary>Settings of a silo: section <c>OrleansDfs</c>. Every default that matters for durability names its rule.</summary>
public sealed class SiloOptions
{
    public const string Section = "OrleansDfs";

    /// <summary>Copies of every chunk, 1–9; never more than there are storage nodes (PROTOCOL P30).</summary>
    public int Replicas { get; set; } = 3;

    /// <summary>Name of the connection string of the catalog.</summary>
    public string Catalog { get; set; } = "catalog";

    /// <summary>How long a starting silo waits for its database.</summary>
    public TimeSpan WaitForCatalog { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>File with the cluster's secret: at least 32 bytes of text, readable by the owner only.</summary>
    public string? ClusterSecretFile { get; set; }

    /// <summary>
    /// File with the master keys of server-side encryption, one <c>ID BASE64</c> line each (32 bytes); the last line is the active one, earlier ones
    /// open what they wrapped. The same on every silo, readable by the owner only. Without it a key derived from the cluster's secret is used.
    /// </summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>Which connections among processes of the cluster are encrypted; the same in all processes.</summary>
    public ClusterTlsMode ClusterTls { get; set; }

    /// <summary>
    /// The Orleans dashboard at <see cref="SiloSetup.DashboardPath"/>, for those who know the root key. Off unless asked for: it filters every call,
    /// and its meters walk through the whole directory cache every second, which was half of what an idle silo did.
    /// </summary>
    public bool Dashboard { get; set; }

    public NodeOptions Node { get; set; } = new();

    public string? RootAccessKey { get; set; }

    public string? RootSecretKey { get; set; }

    /// <summary>Further users, each its own owner.</summary>
    public IList<UserOptions> Users { get; set; } = [];

    /// <summary>Physical length up to which a chunk takes records, in bytes: 2 MiB to 4 GiB. Chunks that are there keep theirs.</summary>
    public long ChunkSize { get; set; } = RecordLayout.DefaultChunkCapacity;

    public CompactionOptions Compaction { get; set; } = new();

    public ScrubOptions Scrub { get; set; } = new();

    public RepairOptions Repair { get; set; } = new();

    /// <summary>An open chunk without a renewal for this long is sealed by the supervisor (PROTOCOL P5, §10).</summary>
    public TimeSpan ChunkLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Unreferenced bytes and retired chunks are kept this long, by the database's clock (PROTOCOL P24, P26).</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>A storage node whose last heartbeat is older is not alive.</summary>
    public TimeSpan NodeTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>A dead node's replicas are copied elsewhere only after this: a restart is cheaper than a repair.</summary>
    public TimeSpan RepairAfter { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the supervisor looks.</summary>
    public TimeSpan SupervisorPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it is looked which buckets have lifecycle rules to be carried out.</summary>
    public TimeSpan LifecyclePeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// For tests only: how long lifecycle rules take a day for, 1 s to 1 day. Shorter days begin at the multiples of their length since 1970, as days
    /// begin at midnight UTC, and files go that much earlier. What answers tell (<c>x-amz-expiration</c>) stays in days of the calendar.
    /// </summary>
    public TimeSpan LifecycleDay { get; set; } = TimeSpan.FromDays(1);

    /// <summary>PROTOCOL §10: what a close may take.</summary>
    public TimeSpan CloseDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>What making the files of a new chunk may take.</summary>
    public TimeSpan CreateDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Problems of these settings, all of them, each in a sentence; empty if there are none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Replicas is < 1 or > 9) problems.Add($"OrleansDfs:Replicas is {Replicas}; it must be 1 to 9.");
        if (ClusterSecret.Problem(ClusterSecretFile) is { } secret) problems.Add(secret);
        if (ChunkSize is < 2 << 20 or > 4L << 30)
            problems.Add($"OrleansDfs:ChunkSize is {ChunkSize}; it must be 2097152 (2 MiB) to 4294967296 (4 GiB).");
        problems.AddRange(Compaction.Problems());
        problems.AddRange(Scrub.Problems());
        problems.AddRange(Repair.Problems(ChunkSize));
        if (string.IsNullOrWhiteSpace(Node.Directory))
            problems.Add("OrleansDfs:Node:Directory is not set; it names the folder of this silo's storage node.");
        if (!Node.TryEndpoint(out _, out var error)) problems.Add(error);
        if (LifecycleDay < TimeSpan.FromSeconds(1) || LifecycleDay > TimeSpan.FromDays(1))
            problems.Add($"OrleansDfs:LifecycleDay is {LifecycleDay}; it must be 1 second to 1 day, and is for tests only.");
        if (LifecyclePeriod <= TimeSpan.Zero) problems.Add($"OrleansDfs:LifecyclePeriod is {LifecyclePeriod}; it must be positive.");
        if (string.IsNullOrEmpty(RootAccessKey) != string.IsNullOrEmpty(RootSecretKey))
            problems.Add("OrleansDfs:RootAccessKey and OrleansDfs:RootSecretKey go together; only one is set.");
        for (var i = 0; i < Users.Count; i++)
            if (Users[i].Problem() is { } problem) problems.Add($"OrleansDfs:Users:{i}: {problem}");
        return problems;
    }
}

public sealed class NodeOptions
{
    /// <summary>The data folder: one per disk.</summary>
    public string Directory { get; set; } = "";

    /// <summary><c>address:port</c> where the chunk protocol listens. Port 0 takes a free one.</summary>
    public string Endpoint { get; set; } = "127.0.0.1:0";

    /// <summary>Host name or address that others use to reach it; the listening address if unset.</summary>
    public string? AdvertisedHost { get; set; }

    /// <summary>Failure domain: host, rack or zone. Replicas of a chunk never share one while enough exist.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Free bytes of the disk that nothing may use, so that deletes, markers and the file system keep room. Twice
    /// <see cref="SiloOptions.ChunkSize"/> on top of it is for compaction only (RELIABILITY I19).</summary>
    public long ReserveBytes { get; set; } = 256L * 1024 * 1024;

    public bool TryEndpoint(out IPEndPoint endpoint, out string error)
    {
        error = "";
        if (IPEndPoint.TryParse(Endpoint, out endpoint!)) return true;
        error = $"OrleansDfs:Node:Endpoint is '{Endpoint}'; it must be an address and a port, such as 127.0.0.1:20100.";
        return false;
    }
}

public sealed class UserOptions
{
    public string Name { get; set; } = "";
    public string AccessKey { get; set; } = "";
    public string SecretKey { get; set; } = "";
    public string Email { get; set; } = "";

    internal string? Problem() => this switch
    {
        { Name: "" } => "Name is missing.",
        { Name: "root" } => "the name 'root' is taken by the root user.",
        { AccessKey.Length: < 3 } => $"AccessKey of user '{Name}' is missing or shorter than 3 characters.",
        { SecretKey.Length: < 8 } => $"SecretKey of user '{Name}' is missing or shorter than 8 characters.",
        _ => null,
    };
}
