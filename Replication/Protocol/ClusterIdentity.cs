namespace OrleansDfs.Replication;

/// <summary>What every member proves in its HELLO: which cluster it belongs to, and that it knows the cluster's secret (DESIGN §9).</summary>
public sealed class ClusterIdentity
{
    /// <summary>Shortest secret accepted, in bytes; the launcher makes 32 random ones.</summary>
    public const int MinSecretSize = 16;

    private readonly byte[] _secret;

    public ClusterIdentity(Guid clusterId, ReadOnlySpan<byte> secret)
    {
        if (secret.Length < MinSecretSize)
            throw new ArgumentException($"The cluster secret must have at least {MinSecretSize} bytes.", nameof(secret));
        ClusterId = clusterId;
        _secret = secret.ToArray();
    }

    public Guid ClusterId { get; }

    internal ReadOnlySpan<byte> Secret => _secret;
}
