using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>How to read.</summary>
public sealed record ReadOptions
{
    /// <summary>First byte wanted.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes wanted; <c>null</c>: to the end. Cut at the end of the file.</summary>
    public long? Length { get; init; }

    /// <summary>A certain version; <c>null</c>: the current one.</summary>
    public VersionId? Version { get; init; }
}

/// <summary>How to write.</summary>
public sealed record WriteOptions
{
    public string? ContentType { get; init; }

    /// <summary>User metadata: lower-case names.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Only if the current version has this ETag; <c>*</c>: only if there is one.</summary>
    public string? IfMatch { get; init; }

    /// <summary>Only if the current version does not have this ETag; <c>*</c>: only if there is none.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Length of the body in bytes where the stream does not know it.</summary>
    public long? SizeHint { get; init; }
}

/// <summary>What to list.</summary>
public sealed record ListOptions
{
    public string Prefix { get; init; } = "";

    /// <summary>Keys that share what lies between the prefix and this are shown as one common prefix; "" for none.</summary>
    public string Delimiter { get; init; } = "";

    /// <summary>Exclusive start.</summary>
    public string After { get; init; } = "";
}

/// <summary>How to copy.</summary>
public sealed record CopyOptions
{
    /// <summary>A certain version of the source; <c>null</c>: the current one.</summary>
    public VersionId? SourceVersion { get; init; }

    /// <summary>Only if the target does not exist yet.</summary>
    public bool OnlyIfAbsent { get; init; }
}
