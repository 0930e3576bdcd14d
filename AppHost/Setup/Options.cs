using System.Globalization;

namespace OrleansDfs.AppHost.Setup;

/// <summary>The command line, the same in both modes.</summary>
public sealed record Options
{
    public const int DefaultPort = 9000;
    public const int DefaultSilos = 3;
    public const int MaxSilos = 16;

    public const string Usage = """
        dotnet run --project AppHost -- [options]

          --data DIR    where everything lives (default: .data beside OrleansDfs.sln); survives restarts
          --port N      port of the S3 endpoint (default 9000); all other ports are free ones, kept in the data folder
          --https-port N  HTTPS too, with a development certificate: trust https/ca.crt of the data folder
          --silos N     number of silos, each with one storage node (default 3, at most 16)
          --fresh       delete what is in the data folder and start over
          --help        this text

        Environment: ORLEANSDFS_ACCESS_KEY and ORLEANSDFS_SECRET_KEY give the root key; ConnectionStrings__catalog names an existing
        PostgreSQL database; ORLEANSDFS_CATALOG=container|postgres|sqlite forces a kind of catalog; ORLEANSDFS_ASPIRE=true|false forces or
        forbids Aspire when building; OrleansDfs__* goes to the silos and the gateway as it is.
        """;

    /// <summary>Absolute path of the data folder.</summary>
    public required string Data { get; init; }

    /// <summary>TCP port of the S3 endpoint, 1–65535.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>TCP port of the S3 endpoint over TLS; <c>null</c>: none.</summary>
    public int? HttpsPort { get; init; }

    /// <summary>Number of silos, 1–<see cref="MaxSilos"/>.</summary>
    public int Silos { get; init; } = DefaultSilos;

    public bool Fresh { get; init; }

    public bool Help { get; init; }

    /// <summary>What is not ours and goes on to Aspire, such as <c>--publisher manifest</c>; the local launcher refuses it.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Reads the command line. A value may follow as the next argument or after <c>=</c>.</summary>
    /// <exception cref="SetupException">A value is missing or out of range.</exception>
    public static Options Parse(IReadOnlyList<string> args, string defaultData)
    {
        var options = new Options { Data = defaultData };
        var others = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            string Value() =>
                equals >= 0 ? args[i][(equals + 1)..]
                : i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i]
                : throw new SetupException($"{name} needs a value; --help lists the options.");

            switch (name)
            {
                case "--data": options = options with { Data = Folder(Value()) }; break;
                case "--port": options = options with { Port = Number(name, Value(), 65535) }; break;
                case "--https-port": options = options with { HttpsPort = Number(name, Value(), 65535) }; break;
                case "--silos": options = options with { Silos = Number(name, Value(), MaxSilos) }; break;
                case "--fresh" when equals < 0: options = options with { Fresh = true }; break;
                case "--help" or "-h" or "-?": options = options with { Help = true }; break;
                default: others.Add(args[i]); break;
            }
        }
        if (options.HttpsPort == options.Port) throw new SetupException("--https-port must be another port than --port.");
        return options with { Data = Path.GetFullPath(options.Data), Others = others };
    }

    static string Folder(string value) =>
        value.Length > 0 ? value : throw new SetupException("--data needs the name of a folder.");

    static int Number(string name, string value, int max) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw new SetupException($"{name} needs a number from 1 to {max}, not '{value}'.");
}
