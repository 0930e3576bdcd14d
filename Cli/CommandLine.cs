using System.Text;

namespace OrleansDfs.Cli;

/// <summary>Reads command lines. Options may stand anywhere after the command; <c>--</c> ends them.</summary>
internal static class CommandLine
{
    public const string Usage =
        """
        odfs COMMAND ...          runs one command
        odfs                      a prompt that takes the same commands

          upload FILE             puts a local file into the bucket, under its own name or --key KEY
          download KEY [FILE]     gets a file, as FILE or under the last part of its key
          cat KEY                 writes a file to the standard output
          ls [PREFIX]             lists files
          rm KEY                  deletes a file
          mb BUCKET               makes a bucket
          rb BUCKET               removes an empty bucket
          buckets                 lists buckets
          status                  shows nodes, chunks and what repair has left to do
          user list               lists the users of S3; user show NAME one of them with its keys and policies
          user add NAME           makes a user, with --email EMAIL; it may make buckets and use its own
          user disable NAME       its keys are refused, until --off is added; user remove NAME removes it
          key list USER           lists a user's access keys
          key add USER            makes one and shows its secret, this once; --access-key KEY and --secret-file FILE give them
          key disable USER KEY    refuses it, until --off is added; key remove USER KEY removes it
          policy list USER        lists a user's policies; policy get USER NAME writes one
          policy put USER NAME FILE  attaches a policy (JSON; '-': standard input); policy remove USER NAME
          node drain NODE         empties a storage node, its replicas go to others; node stay NODE stops that
          node decommission NODE  takes a drained, empty node out for good; --lost: a dead one whose disk will not come back
          node replace OLD NEW    empties OLD (or declares it lost) once NEW is there to take its bytes
          node progress           what is left on nodes that leave
          node trust NODE         says that the disk of a node whose fsync failed is sound
          scrub                   how far the re-reading of all replicas is; --start: of every one, now
          rebalance               moves replicas until every node holds its fair share; --progress, --stop
          help                    this text
          exit                    leaves the prompt

          --bucket BUCKET, -b     the bucket; 'files' if not given, made when something is uploaded to it
          --key KEY, -k           the key of an upload
          --dry-run               of node drain, decommission, replace and of rebalance: only says what would move
          --data DIR              folder of the cluster started by AppHost, with client.json in it (.data)
          --config FILE           settings of the cluster as JSON, instead; without either file the environment is read
        """;

    private sealed record Form(int MinOperands, int MaxOperands, string Text, bool TakesBucket = true, params string[] Flags);

    private static readonly Dictionary<string, Form> Forms = new(StringComparer.Ordinal)
    {
        ["upload"] = new(1, 1, "upload FILE [--bucket BUCKET] [--key KEY]"),
        ["download"] = new(1, 2, "download KEY [FILE] [--bucket BUCKET]"),
        ["cat"] = new(1, 1, "cat KEY [--bucket BUCKET]"),
        ["ls"] = new(0, 1, "ls [PREFIX] [--bucket BUCKET]"),
        ["rm"] = new(1, 1, "rm KEY [--bucket BUCKET]"),
        ["mb"] = new(1, 1, "mb BUCKET", false),
        ["rb"] = new(1, 1, "rb BUCKET", false),
        ["buckets"] = new(0, 0, "buckets", false),
        ["status"] = new(0, 0, "status", false),
        ["user list"] = new(0, 0, "user list", false),
        ["user show"] = new(1, 1, "user show NAME", false),
        ["user add"] = new(1, 1, "user add NAME [--email EMAIL]", false),
        ["user disable"] = new(1, 1, "user disable NAME [--off]", false),
        ["user remove"] = new(1, 1, "user remove NAME", false),
        ["key list"] = new(1, 1, "key list USER", false),
        ["key add"] = new(1, 1, "key add USER [--access-key KEY] [--secret-file FILE]", false),
        ["key disable"] = new(2, 2, "key disable USER KEY [--off]", false),
        ["key remove"] = new(2, 2, "key remove USER KEY", false),
        ["policy list"] = new(1, 1, "policy list USER", false),
        ["policy get"] = new(2, 2, "policy get USER NAME", false),
        ["policy put"] = new(3, 3, "policy put USER NAME FILE", false),
        ["policy remove"] = new(2, 2, "policy remove USER NAME", false),
        ["node drain"] = new(1, 1, "node drain NODE [--dry-run]", false, "--dry-run"),
        ["node stay"] = new(1, 1, "node stay NODE", false),
        ["node decommission"] = new(1, 1, "node decommission NODE [--lost] [--dry-run]", false, "--dry-run", "--lost"),
        ["node replace"] = new(2, 2, "node replace OLD NEW [--dry-run]", false, "--dry-run"),
        ["node progress"] = new(0, 0, "node progress", false),
        ["node trust"] = new(1, 1, "node trust NODE", false),
        ["rebalance"] = new(0, 0, "rebalance [--dry-run | --progress | --stop]", false, "--dry-run", "--progress", "--stop"),
        ["scrub"] = new(0, 0, "scrub [--start]", false, "--start"),
        ["help"] = new(0, 0, "help", false),
        ["exit"] = new(0, 0, "exit", false),
    };

    /// <summary>A shell's arguments. No command: the prompt (<c>null</c>).</summary>
    /// <exception cref="UsageException">They make no command.</exception>
    public static (Request? Request, Source Source) Parse(IReadOnlyList<string> args)
    {
        var source = Source.Default;
        var rest = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--")
            {
                rest.AddRange(args.Skip(i));
                break;
            }
            if (Option(args, ref i, "--data") is { } data) source = source with { Data = data };
            else if (Option(args, ref i, "--config") is { } config) source = source with { Config = config };
            else rest.Add(args[i]);
        }
        return (rest.Count == 0 ? null : ParseCommand(rest), source);
    }

    /// <summary>A command without the options that only a shell takes.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static Request ParseCommand(IReadOnlyList<string> words)
    {
        var command = words[0] switch
        {
            "--help" or "-h" or "-?" => "help",
            "quit" => "exit",
            var word => word,
        };
        var first = 1;
        if (command is "user" or "key" or "policy" or "node" && words.Count > 1 && words[1] is not ("--help" or "-h"))
            command += " " + words[first++];
        if (!Forms.TryGetValue(command, out var form)) throw new UsageException($"There is no command '{command}'; 'odfs help' lists them.");
        var (bucket, key) = ((string?)null, (string?)null);
        var account = new Request(command, []);
        var operands = new List<string>();
        var flags = new HashSet<string>(StringComparer.Ordinal);
        var optionsEnded = false;
        for (var i = first; i < words.Count; i++)
        {
            if (optionsEnded || words[i] == "-" || !words[i].StartsWith('-')) operands.Add(words[i]);
            else if (words[i] == "--") optionsEnded = true;
            else if (words[i] is "--help" or "-h") return new Request("help", []);
            else if (form.Flags.Contains(words[i])) flags.Add(words[i]);
            else if (form.TakesBucket && (Option(words, ref i, "--bucket") ?? Option(words, ref i, "-b")) is { } b) bucket = b;
            else if (command == "upload" && (Option(words, ref i, "--key") ?? Option(words, ref i, "-k")) is { } k) key = k;
            else if (AccountOption(account, words, ref i) is { } changed) account = changed;
            else throw new UsageException($"'{words[i]}' is no option of '{command}'. Usage: odfs {form.Text}");
        }
        if (operands.Count < form.MinOperands || operands.Count > form.MaxOperands) throw new UsageException($"Usage: odfs {form.Text}");
        return account with { Operands = operands, Bucket = bucket ?? Request.DefaultBucket, Key = key, Flags = flags };
    }

    private static Request? AccountOption(Request request, IReadOnlyList<string> words, ref int index)
    {
        if (request.Command == "user add" && Option(words, ref index, "--email") is { } email) return request with { Email = email };
        if (request.Command == "key add" && Option(words, ref index, "--access-key") is { } key) return request with { AccessKey = key };
        if (request.Command == "key add" && Option(words, ref index, "--secret-file") is { } file) return request with { SecretFile = file };
        return request.Command is "user disable" or "key disable" && words[index] == "--off" ? request with { Off = true } : null;
    }

    /// <summary>The words of a line typed at the prompt: blanks part them, double or single quotes keep them together, a backslash takes the next
    /// blank, quote or backslash as it is.</summary>
    /// <exception cref="UsageException">A quote is not closed.</exception>
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && quote != '\'' && i + 1 < line.Length && line[i + 1] is ' ' or '"' or '\'' or '\\') (word ??= new()).Append(line[++i]);
            else if (quote == c) quote = null;
            else if (quote is null && (c is '"' or '\'')) (quote, word) = (c, word ?? new());
            else if (quote is not null || !char.IsWhiteSpace(c)) (word ??= new()).Append(c);
            else if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
        if (quote is not null) throw new UsageException($"The quote {quote} is not closed.");
        if (word is not null) words.Add(word.ToString());
        return words;
    }

    private static string? Option(IReadOnlyList<string> words, ref int index, string name)
    {
        var isLong = name.StartsWith("--", StringComparison.Ordinal);
        if (isLong && words[index].StartsWith(name + "=", StringComparison.Ordinal)) return words[index][(name.Length + 1)..];
        if (words[index] != name) return null;
        return index + 1 < words.Count ? words[++index] : throw new UsageException($"'{name}' wants a value behind it.");
    }
}
