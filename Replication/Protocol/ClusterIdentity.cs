using System.Net;

namespace OrleansDfs.Replication;

/// <summary>Which connections are encrypted; setting <c>OrleansDfs:ClusterTls</c>, the same for all processes.</summary>
public enum ClusterTlsMode
{
    /// <summary>Every connection but those within one machine, over loopback.</summary>
    Auto,

    /// <summary>Every connection.</summary>
    On,
}

/// <summary>
/// What every member proves in its HELLO: which cluster it belongs to, and that it knows the cluster's secret (DESIGN §9). Also says which
/// connections have to be encrypted; the rule is each side's own, so that nobody can talk the other out of it.
/// </summary>
public sealed class ClusterIdentity
{
    private readonly byte[] _secret;
    private readonly ClusterTlsMode _mode;
    private readonly Lazy<ClusterTls> _tls;

    public ClusterIdentity(Guid clusterId, ReadOnlySpan<byte> secret, ClusterTlsMode mode = ClusterTlsMode.Auto)
    {
        if (secret.Length < ClusterSecret.MinSize)
            throw new ArgumentException($"The cluster secret must have at least {ClusterSecret.MinSize} bytes.", nameof(secret));
        ClusterId = clusterId;
        _secret = secret.ToArray();
        _mode = mode;
        _tls = new Lazy<ClusterTls>(() => new ClusterTls(_secret));
    }

    public Guid ClusterId { get; }

    public ClusterTls Tls => _tls.Value;

    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>Whether a connection with this other end may only be used encrypted.</summary>
    public bool RequiresTls(EndPoint? remote) => _mode.RequiresTls(remote);
}

public static class ClusterTlsModes
{
    /// <summary>Whether a connection with this other end may only be used encrypted.</summary>
    public static bool RequiresTls(this ClusterTlsMode mode, EndPoint? remote) => mode == ClusterTlsMode.On || !IsLoopback(remote);

    private static bool IsLoopback(EndPoint? remote) =>
        remote is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
