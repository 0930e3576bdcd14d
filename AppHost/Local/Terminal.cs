using System.Text;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Local;

/// <summary>The terminal: whole lines, each with the resource's name in its colour. No colours into a file or with NO_COLOR set.</summary>
sealed class Terminal
{
    static readonly string[] _colours = ["36", "32", "35", "33", "34", "96", "92", "95", "93", "94"];

    readonly Lock _gate = new();
    readonly StringBuilder _text = new();
    readonly Dictionary<string, string> _prefixes = [];
    readonly bool _isColoured = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Lines of the launcher itself.</summary>
    public void Say(string text)
    {
        lock (_gate)
            Console.Out.WriteLine(text);
    }

    public void Lines(string name, IReadOnlyList<string> lines, bool isState)
    {
        lock (_gate)
        {
            if (!_prefixes.TryGetValue(name, out var prefix))
                _prefixes[name] = prefix = Coloured($"{name,-8} | ", _colours[_prefixes.Count % _colours.Length]);
            _text.Clear();
            foreach (var line in lines)
                _text.Append(prefix).Append(isState ? Coloured("-- " + line, "1") : line).AppendLine();
            Console.Out.Write(_text.ToString()); // flushes each time it is written to: once for all these lines
        }
    }

    /// <summary>What somebody needs to use the cluster, ready to paste.</summary>
    public void Ready(ClusterPlan plan, DataFolder folder, string catalog, string page, bool hasDashboard, TimeSpan took)
    {
        Say($"""

            {Coloured($"OrleansDfs is ready after {took.TotalSeconds:0.0} s.", "1;32")}

              S3          {plan.Gateway.Url}{(plan.Gateway.Https is { } https ? $" and {https.Url}" : "")}
              Resources   {page}{(hasDashboard ? $"\n  Orleans     {plan.Silos[0].Url}/dashboard" : "")}
              Catalog     {catalog}
              Data        {folder.Root} (root key {plan.Secrets.RootKeyOrigin})

            {Instructions.ForShell(plan)}

            This is the local launcher, since no Aspire packages were to be had at the build; ORLEANSDFS_ASPIRE=true forces Aspire.
            Ctrl-C stops everything.

            """);
    }

    string Coloured(string text, string colour) => _isColoured ? $"\u001b[{colour}m{text}\u001b[0m" : text;
}
