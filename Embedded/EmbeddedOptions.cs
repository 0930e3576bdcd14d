namespace OrleansDfs.Embedded;

/// <summary>How the single-process server runs.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>Everything is kept here: catalog, chunks, secrets. Made if missing.</summary>
    public required string Directory { get; init; }

    /// <summary>S3 port on <see cref="Address"/>; 0 takes a free one.</summary>
    public int Port { get; init; } = 9000;

    /// <summary>Address that the S3 port listens on. Orleans and the storage node stay on loopback.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The root key; <c>null</c>: the one kept in the folder, drawn at the first start.</summary>
    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    /// <summary>
    /// Further settings, as configuration keys (<c>OrleansDfs:LegacyBucketDefaults</c>, <c>OrleansDfs:Users:0:Name</c>, ...). They win over the
    /// environment.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Log to the console.</summary>
    public bool Log { get; init; } = true;

    /// <summary>Log to here as well: for programs and tests that have a log of their own.</summary>
    public ILoggerProvider? LogProvider { get; init; }
}
