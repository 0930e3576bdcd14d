namespace OrleansDfs.AppHost.Local;

/// <summary>One child process: how to start it, how to know that it serves, how to stop it.</summary>
public sealed record ResourceSpec
{
    public required string Name { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Added to what a child inherits.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Where it starts; ASP.NET looks there for appsettings.json.</summary>
    public string WorkingDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Where it listens, for people.</summary>
    public string? Url { get; init; }

    /// <summary>A page about it, for people, or null.</summary>
    public string? Dashboard { get; init; }

    /// <summary>Asked every quarter of a second until it says true, then every two seconds.</summary>
    public required Func<CancellationToken, Task<bool>> IsHealthy { get; init; }

    /// <summary>Asked after it ended by itself: a sentence for a cause that its log buries in a stack trace, or null.</summary>
    public Func<string?> WhyEnded { get; init; } = () => null;

    /// <summary>The signal that asks it to stop; null: the end of its standard input does.</summary>
    public int? StopSignal { get; init; }

    /// <summary>The time it has to stop before it is killed. All resources together stay under ten seconds (see Launcher).</summary>
    public required TimeSpan StopGrace { get; init; }
}
