namespace OrleansDfs.Cli;

/// <summary>One command with its operands and options, as typed in a shell or at the prompt.</summary>
internal sealed record Request(string Command, IReadOnlyList<string> Operands)
{
    public const string DefaultBucket = "files";

    public string Bucket { get; init; } = DefaultBucket;

    public string? Key { get; init; }
}

/// <summary>Where the cluster's settings come from; only in a shell.</summary>
internal sealed record Source(string Data, string? Config)
{
    public static readonly Source Default = new(".data", null);
}

/// <summary>What was typed cannot be understood; the message is one sentence for the user.</summary>
internal sealed class UsageException(string message) : Exception(message);
