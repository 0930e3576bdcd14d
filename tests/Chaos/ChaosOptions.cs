using System.Globalization;

namespace OrleansDfs.Chaos;

/// <summary>The command line of <c>chaos.sh</c>.</summary>
sealed record ChaosOptions
{
    public const string Usage = """
        ./chaos.sh [options]

          --hours N | --minutes N   how long (default 5 minutes); the round under way is finished
          --seed S                  repeats the same faults, keys and contents (default: drawn, and printed)
          --scenario NAME[,NAME]    only these faults
          --round SECONDS           length of a round (default 30)
          --pause SECONDS           how long a paused process stays so (default 20)
          --clients N               concurrent clients (default 8)
          --keys N                  keys of a round (default 12)
          --rest MILLISECONDS       pause of a client after each request (default 60); 0 saturates the machine
          --folder DIR              where everything is kept (default: a new one under the temporary folder)

        The exit code is 0 only if nothing was lost, corrupt, non-linearizable or unrepaired; then the cluster's data are deleted, else all is kept.
        """;

    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(5);

    public int Seed { get; init; } = Random.Shared.Next();

    public string[] Scenarios { get; init; } = Nemesis.Kinds;

    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(20);

    public int Clients { get; init; } = 8;

    public int Keys { get; init; } = 12;

    public TimeSpan Rest { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>No fault is made, so no silo may be declared dead.</summary>
    public bool IsCalm => Scenarios is ["calm"];

    public string Folder { get; init; } = Path.Combine(Path.GetTempPath(), $"orleansdfs-chaos-{Guid.NewGuid():N}"[..28]);

    /// <exception cref="ArgumentException">An option that there is not, or a bad value.</exception>
    public static ChaosOptions Parse(string[] args)
    {
        var options = new ChaosOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 >= args.Length) throw new ArgumentException($"{args[i]} needs a value.");
            var value = args[i + 1];
            double Number() => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && n > 0
                ? n : throw new ArgumentException($"{args[i]} needs a positive number, not '{value}'.");
            options = args[i] switch
            {
                "--hours" => options with { Length = TimeSpan.FromHours(Number()) },
                "--minutes" => options with { Length = TimeSpan.FromMinutes(Number()) },
                "--seed" => options with { Seed = (int)Number() },
                "--round" => options with { Round = TimeSpan.FromSeconds(Number()) },
                "--pause" => options with { Pause = TimeSpan.FromSeconds(Number()) },
                "--clients" => options with { Clients = (int)Number() },
                "--keys" => options with { Keys = (int)Number() },
                "--rest" => options with { Rest = value == "0" ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Number()) },
                "--folder" => options with { Folder = Path.GetFullPath(value) },
                "--scenario" => options with { Scenarios = value.Split(',') },
                _ => throw new ArgumentException($"There is no option {args[i]}."),
            };
        }
        if (options.Scenarios.Except(Nemesis.Kinds).FirstOrDefault() is { } unknown)
            throw new ArgumentException($"There is no scenario '{unknown}'; there are {string.Join(", ", Nemesis.Kinds)}.");
        return options;
    }
}
