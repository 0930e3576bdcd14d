using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Identity;
using OrleansDfs.Silo.Keys;
using OrleansDfs.Silo.Nodes;
using OrleansDfs.Storage;

namespace OrleansDfs.Silo;

/// <summary>
/// What must be there before Orleans starts: the catalog (a silo that starts while its database is away aborts at once), the cluster's secret and the
/// storage node with its new incarnation. Problems of the operator's making are one sentence each, not a stack trace.
/// </summary>
public sealed class SiloHost : IAsyncDisposable
{
    private SiloHost(
        SiloOptions options, CatalogDatabase catalog, SecretVault vault, MasterKeys keys, ClusterIdentity identity,
            ChunkPeers peers, NodeHost node) =>
        (Options, Catalog, Vault, Keys, Identity, Peers, Node) = (options, catalog, vault, keys, identity, peers, node);

    public SiloOptions Options { get; }
    public CatalogDatabase Catalog { get; }
    public SecretVault Vault { get; }
    public MasterKeys Keys { get; }
    public ClusterIdentity Identity { get; }
    public ChunkPeers Peers { get; }
    public NodeHost Node { get; }

    /// <exception cref="SiloStartException">Something that the operator has to put right; the message says what.</exception>
    public static async Task<SiloHost> OpenAsync(IConfiguration configuration, ILoggerFactory loggers,
        TimeProvider time, CancellationToken cancellation)
    {
        var options = configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        var problems = options.Problems();
        if (problems.Count > 0) throw new SiloStartException(string.Join(Environment.NewLine, problems));
        try
        {
            var secret = ClusterSecret.Read(options.ClusterSecretFile);
            var keys = MasterKeys.Read(secret, options.MasterKeyFile);
            var catalog = await CatalogDatabase.OpenAsync(CatalogSettings(configuration, options), time, loggers, cancellation);
            if (!await catalog.IsSecretMarkAsync(ClusterSecret.Mark(secret), cancellation))
            {
                await catalog.DisposeAsync();
                throw new SiloStartException($"The catalog belongs to a cluster with another secret than the one in '{options.ClusterSecretFile}'.");
            }
            var vault = new SecretVault(secret);
            await ConfiguredUsers.WriteAsync(catalog, vault, options, cancellation);
            var identity = new ClusterIdentity(catalog.ClusterId, secret, options.ClusterTls);
            var peers = new ChunkPeers(identity, ChunkPeerOptions.Default, time);
            var siloName = configuration["Orleans:Name"] is { Length: > 0 } name ? name : Environment.MachineName;
            var node = await NodeHost.OpenAsync(catalog, identity, peers, options, siloName, time, loggers, cancellation);
            return new SiloHost(options, catalog, vault, keys, identity, peers, node);
        }
        catch (Exception e) when (
            e is CatalogException or ClusterSecretException or DataFolderException or IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException(e.Message, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Peers.DisposeAsync();
        await Catalog.DisposeAsync();
    }

    private static CatalogOptions CatalogSettings(IConfiguration configuration, SiloOptions options)
    {
        var connection = configuration.GetConnectionString(options.Catalog);
        if (string.IsNullOrWhiteSpace(connection))
            throw new SiloStartException($"No connection string '{options.Catalog}' is configured; set ConnectionStrings:{options.Catalog}.");
        var invariant = configuration["Orleans:Clustering:Invariant"];
        if (invariant is not (CatalogInvariants.PostgreSql or CatalogInvariants.Sqlite))
        {
            throw new SiloStartException(
                $"Orleans:Clustering:Invariant is '{invariant}'; it must be '{CatalogInvariants.PostgreSql}' (PostgreSQL) "
                + $"or '{CatalogInvariants.Sqlite}' (SQLite).");
        }
        return new CatalogOptions { Invariant = invariant, ConnectionString = connection, WaitForDatabase = options.WaitForCatalog };
    }
}

/// <summary>The silo cannot start, and an operator can change that: the message says how.</summary>
public sealed class SiloStartException(string message, Exception? inner = null) : Exception(message, inner);
