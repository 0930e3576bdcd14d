namespace OrleansDfs.Cli;

/// <summary>One command with its operands and options, as typed in a shell or at the prompt.</summary>
internal sealed record Request(string Command, IReadOnlyList<string> Operands)
{
    public const string DefaultBucket = "files";

    public string Bucket { get; init; } = DefaultBucket;

    public string? Key { get; init; }

    /// <summary>Options without a value, as typed.</summary>
    public IReadOnlySet<string> Flags { get; init; } = new HashSet<string>();

    public string? Email { get; init; }

    /// <summary>An access key given for a user, instead of one drawn.</summary>
    public string? AccessKey { get; init; }

    /// <summary>File with the secret of <see cref="AccessKey"/>: never the secret itself, which every process list would show.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Takes a "disable" back.</summary>
    public bool Off { get; init; }
}

/// <summary>Where the cluster's settings come from; only in a shell.</summary>
internal sealed record Source(string Data, string? Config)
{
    public static readonly Source Default = new(".data", null);
}

/// <summary>What was typed cannot be understood; the message is one sentence for the user.</summary>
internal sealed class UsageException(string message) : Exception(message);
