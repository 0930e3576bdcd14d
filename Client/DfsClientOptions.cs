using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// All limits and deadlines of the client library; every default with its reason. Bound from the configuration section <c>OrleansDfs:Client</c>;
/// the file with
/// the cluster secret is named by <c>OrleansDfs:ClusterSecretFile</c>, as for silos.
/// </summary>
public sealed class DfsClientOptions
{
    /// <summary>File that holds the cluster secret, which every connection proves (docs/decisions/cluster-security.md).</summary>
    public string? ClusterSecretFile { get; set; }

    /// <summary>Which connections are encrypted: <c>OrleansDfs:ClusterTls</c>, as for silos.</summary>
    public ClusterTlsMode ClusterTls { get; set; }

    /// <summary>User that owns what this process writes, unless a call says otherwise.</summary>
    public string Owner { get; set; } = "root";

    /// <summary>Region of buckets that this process creates.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Name of the silo on this machine, whose node is preferred for writing and reading; <c>null</c>: none.</summary>
    public string? NearSilo { get; set; }

    /// <summary>How long the start of a program waits for a first silo.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Records of one stream that are sent and not yet acknowledged. Four of 1 MiB keep three disks busy; more only costs memory.</summary>
    public int WriteWindow { get; set; } = 4;

    /// <summary>Payload bytes that one reader fetches ahead (4 MiB): four records, so that the next replica read hides behind the answer's
    /// sending.</summary>
    public int PrefetchBytes { get; set; } = 4 * RecordLayout.MaxPayload;

    /// <summary>Record buffers (about 1 MiB) of this process beyond the one that each stream always has: they only make streams faster, and nobody
    /// waits for one.</summary>
    public int RecordBuffers { get; set; } = 32;

    /// <summary>Records of more than a page that are sent and not yet acknowledged, of all streams together; further ones wait. 32 MiB keep any
    /// cluster busy, and more would pass the append deadline of a slow one (P8).</summary>
    public int RecordsInFlight { get; set; } = 32;

    /// <summary>Files above 64 KiB that are written, and as many that are read, at the same time; further ones wait for a buffer. Bounds memory to
    /// about 1 MiB each.</summary>
    public int LargeStreams { get; set; } = 128;

    /// <summary>Files up to 64 KiB that are written, and as many that are read, at the same time; 67 KiB each.</summary>
    public int SmallStreams { get; set; } = 1024;

    /// <summary>How long a writer waits for the primary's answer. The node's own deadline is 1 s (PROTOCOL §10); its word comes first unless it is
    /// gone.</summary>
    public TimeSpan AppendTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a writer goes on trying in other chunks without one acknowledged record before the file is given up as
    /// unavailable.</summary>
    public TimeSpan WriteBudget { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A read without an answer for so long is also sent to the next replica (PROTOCOL §10).</summary>
    public TimeSpan HedgeAfter { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A read without an answer for so long counts as failed.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a reader whose replicas have all failed asks for the manifest anew (P22) before it gives up.</summary>
    public int ManifestRetries { get; set; } = 2;

    /// <summary>Most open chunks for small records, used in turn where many are under way: two primaries share the load.</summary>
    public int SharedChunks { get; set; } = 2;

    /// <summary>Open chunks of each kind beyond those in use, so that nobody waits for an open or a seal. 0 for short-lived programs.</summary>
    public int SpareChunks { get; set; } = 1;

    /// <summary>Leases are renewed so often; they last 30 s (PROTOCOL §10).</summary>
    public TimeSpan LeaseRenewal { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A stream chunk beyond the spare one that nobody has used for so long is given back.</summary>
    public TimeSpan StreamIdle { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A node that could not be reached is not asked for again for so long, where others do.</summary>
    public TimeSpan AvoidFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Least time between two questions for the node table.</summary>
    public TimeSpan NodeRefreshInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Files of known length above this are uploaded in parts of it, side by side (64 MiB).</summary>
    public long PartSize { get; set; } = 64L * 1024 * 1024;

    /// <summary>Parts of one upload, and ranges of one download, that are under way at once.</summary>
    public int ParallelParts { get; set; } = 4;
}
