using System.CommandLine;
using System.Globalization;
using OrleansDfs.Load;

// An S3 load generator that costs little processor time itself, for any endpoint, several in turn (A B A B).
var targets = new Option<Target[]>("--target")
{
    Description = "name=http://host:port,ACCESSKEY,SECRET[,process-word|process-word...]; several are run in turn",
    Required = true,
    AllowMultipleArgumentsPerToken = true,
    CustomParser = parsed =>
    {
        try
        {
            return [.. parsed.Tokens.Select(t => Target.Parse(t.Value))];
        }
        catch (FormatException e)
        {
            parsed.AddError(e.Message);
            return [];
        }
    },
};
var works = new Option<string>("--work")
{
    Description = "put, get, head, list, listdelimited, delete, multipart, mixed",
    DefaultValueFactory = _ => "put,get,head,list,listdelimited,delete",
};
var sizes = new Option<string>("--sizes") { Description = "Bytes of a file, with KiB or MiB", DefaultValueFactory = _ => "4KiB,64KiB,1MiB,16MiB" };
var connections = new Option<string>("--connections") { Description = "Connections at once", DefaultValueFactory = _ => "1,8,32" };
var seconds = new Option<double>("--seconds") { Description = "Length of one measurement", DefaultValueFactory = _ => 5 };
var rounds = new Option<int>("--rounds") { Description = "Measurements of each cell; the median counts", DefaultValueFactory = _ => 3 };
var bucket = new Option<string>("--bucket")
{
    Description = "Made where it is missing; what is put stays",
    DefaultValueFactory = _ => $"load-{Guid.NewGuid():N}"[..16],
};
var command = new RootCommand("Puts an S3 endpoint under load and prints a table.") { targets, works, sizes, connections, seconds, rounds, bucket };
command.SetAction(async parsed =>
{
    var results = new List<Result>();
    var workloads = parsed.GetRequiredValue(targets).Select(t => (Target: t, Workload: new Workload(t, parsed.GetRequiredValue(bucket)))).ToArray();
    foreach (var (_, workload) in workloads) await workload.CreateBucket();
    var duration = TimeSpan.FromSeconds(parsed.GetRequiredValue(seconds));
    foreach (var size in parsed.GetRequiredValue(sizes).Split(',').Select(Bytes))
        foreach (var work in parsed.GetRequiredValue(works).Split(',').Select(w => Enum.Parse<Work>(w, ignoreCase: true)))
            foreach (var count in parsed.GetRequiredValue(connections).Split(',').Select(c => int.Parse(c, CultureInfo.InvariantCulture)))
                for (var round = 0; round < parsed.GetRequiredValue(rounds); round++)
                    foreach (var (target, workload) in workloads)
                    {
                        var result = await Measurement.Run(target, workload, work, size, count, duration, seed: round);
                        results.Add(result);
                        await Console.Error.WriteLineAsync(Report.Lines([result]).Last());
                    }
    foreach (var line in Report.Lines(results)) Console.WriteLine(line);
    return 0;
});
return await command.Parse(args).InvokeAsync();

static long Bytes(string text) =>
    text.EndsWith("MiB", StringComparison.Ordinal) ? long.Parse(text.AsSpan(0, text.Length - 3), CultureInfo.InvariantCulture) << 20
    : text.EndsWith("KiB", StringComparison.Ordinal) ? long.Parse(text.AsSpan(0, text.Length - 3), CultureInfo.InvariantCulture) << 10
    : long.Parse(text, CultureInfo.InvariantCulture);
