using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrleansDfs.Load;

// An S3 load generator that costs little processor time itself, for any endpoint, several in turn (A B A B).
var targets = new Option<Target[]>("--target")
{
    Description = "name=http://host:port,ACCESSKEY,SECRET[,process-word|pid:N...]; several are run in turn; without keys a plain web server",
    Required = true,
    AllowMultipleArgumentsPerToken = true,
    CustomParser = parsed => Parsed(parsed, Target.Parse),
};
var steps = new Option<Step[]>("--step")
{
    Description = "work:size:connections, e.g. put:4KiB:32; several are run one after the other, instead of all of --work, --sizes and --connections",
    AllowMultipleArgumentsPerToken = true,
    CustomParser = parsed => Parsed(parsed, Step.Parse),
};
var works = new Option<string>("--work")
{
    Description = "put, get, head, list, listdelimited, delete, multipart (parts of 8 MiB), mixed",
    DefaultValueFactory = _ => "put,get,head,list,listdelimited,delete",
};
var sizes = new Option<string>("--sizes") { Description = "With KiB, MiB or GiB", DefaultValueFactory = _ => "4KiB,64KiB,1MiB,16MiB" };
var connections = new Option<string>("--connections") { Description = "Connections at once", DefaultValueFactory = _ => "1,8,32" };
var seconds = new Option<double>("--seconds") { Description = "Length of one measurement", DefaultValueFactory = _ => 5 };
var warmUp = new Option<double>("--warm-up") { Description = "Seconds before a target's first measurement", DefaultValueFactory = _ => 0.5 };
var rounds = new Option<int>("--rounds") { Description = "Measurements of each cell; the median counts", DefaultValueFactory = _ => 3 };
var cap = new Option<string>("--cap") { Description = "A measurement ends when so many bytes were put", DefaultValueFactory = _ => "1024GiB" };
var listKeys = new Option<int>("--list-keys") { Description = "Keys of the bucket that is listed", DefaultValueFactory = _ => 2000 };
var baseline = new Option<string>("--baseline") { Description = "A target whose rate a column compares with", DefaultValueFactory = _ => "" };
var backOff = new Option<bool>("--backoff") { Description = "Wait after a 503 as AWS's SDKs do, instead of trying again at once" };
var bucket = new Option<string>("--bucket")
{
    Description = "Made where it is missing; what is put stays",
    DefaultValueFactory = _ => $"load-{Guid.NewGuid():N}"[..16],
};
var command = new RootCommand("Puts an S3 endpoint under load and prints a table.")
{
    targets, steps, works, sizes, connections, seconds, warmUp, rounds, cap, listKeys, baseline, backOff, bucket,
};
command.SetAction(async parsed =>
{
    var results = new List<Result>();
    var measurement = new Measurement(
        TimeSpan.FromSeconds(parsed.GetRequiredValue(seconds)), TimeSpan.FromSeconds(parsed.GetRequiredValue(warmUp)),
        Step.Bytes(parsed.GetRequiredValue(cap)), parsed.GetValue(backOff));
    var workloads = parsed.GetRequiredValue(targets)
        .Select(t => (Target: t, Workload: new Workload(t, parsed.GetRequiredValue(bucket), parsed.GetRequiredValue(listKeys)))).ToArray();
    foreach (var (_, workload) in workloads) await workload.CreateBuckets();
    try
    {
        foreach (var step in parsed.GetValue(steps) is { Length: > 0 } given ? given : AllSteps(parsed))
            for (var round = 0; round < parsed.GetRequiredValue(rounds); round++)
                foreach (var (target, workload) in workloads.Where(w => w.Workload.Has(step.Work)))
                {
                    var result = await measurement.Run(target, workload, step, round);
                    results.Add(result);
                    await Console.Error.WriteLineAsync(Report.Line(result, ""));
                }
        return 0;
    }
    catch (IOException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
    finally
    {
        // Half an hour's measurements are not lost to a server that failed in the end.
        foreach (var line in Report.Lines(results, parsed.GetRequiredValue(baseline))) Console.WriteLine(line);
    }
});

var count = new Option<int>("--count") { Description = "Connections kept open", DefaultValueFactory = _ => 10_000 };
var open = new Command("connections", "Memory of idle servers, and with many open connections.") { targets, count, seconds, bucket };
open.SetAction(parsed => FlatCost(
    parsed, f => f.OpenConnections(parsed.GetRequiredValue(count), TimeSpan.FromSeconds(parsed.GetRequiredValue(seconds)))));
var size = new Option<string>("--size") { Description = "Bytes of the upload, with MiB or GiB", DefaultValueFactory = _ => "5GiB" };
var streams = new Option<int>("--streams") { Description = "Parts at once", DefaultValueFactory = _ => 4 };
var upload = new Command("upload", "Memory of the servers during one large multipart upload and its download.") { targets, size, streams, bucket };
upload.SetAction(parsed => FlatCost(parsed, f => f.LargeUpload(Step.Bytes(parsed.GetRequiredValue(size)), parsed.GetRequiredValue(streams))));
command.Subcommands.Add(open);
command.Subcommands.Add(upload);
return await command.Parse(args).InvokeAsync();

async Task<int> FlatCost(ParseResult parsed, Func<FlatCosts, Task> run)
{
    try
    {
        foreach (var target in parsed.GetRequiredValue(targets)) await run(new FlatCosts(target, parsed.GetRequiredValue(bucket)));
        return 0;
    }
    catch (IOException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
}

Step[] AllSteps(ParseResult parsed) =>
[
    .. from size in parsed.GetRequiredValue(sizes).Split(',')
       from work in parsed.GetRequiredValue(works).Split(',')
       from count in parsed.GetRequiredValue(connections).Split(',')
       select new Step(Enum.Parse<Work>(work, ignoreCase: true), Step.Bytes(size), int.Parse(count, CultureInfo.InvariantCulture)),
];

static T[] Parsed<T>(ArgumentResult argument, Func<string, T> parse)
{
    try
    {
        return [.. argument.Tokens.Select(t => parse(t.Value))];
    }
    catch (FormatException e)
    {
        argument.AddError(e.Message);
        return [];
    }
}
