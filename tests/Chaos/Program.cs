using OrleansDfs.Chaos;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(ChaosOptions.Usage);
    return 0;
}
ChaosOptions options;
try
{
    options = ChaosOptions.Parse(args);
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync($"{e.Message} --help lists the options.");
    return 2;
}

// Small chunks and short times, so that seals, repairs and compaction happen under the load and not hours later.
var settings = new Dictionary<string, string>
{
    ["OrleansDfs__ChunkSize"] = $"{8 * 1024 * 1024}",
    ["OrleansDfs__Grace"] = "00:00:30",
    ["OrleansDfs__RepairAfter"] = "00:00:05",
    ["OrleansDfs__Compaction__Period"] = "00:00:05",
    ["OrleansDfs__Scrub__Period"] = "00:00:20",
    ["OrleansDfs__Scrub__BytesPerSecond"] = "0",
};
Console.WriteLine($"seed {options.Seed}; {options.Length.TotalMinutes:0.#} minutes; everything is in {options.Folder}");
bool clean;
await using (var cluster = await ChaosCluster.StartAsync(options.Folder, settings))
{
    using var s3 = new S3Requests(cluster.RootKey.Access, cluster.RootKey.Secret, cluster.Gateways);
    var run = new ChaosRun(cluster, s3, options, line => Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}"));
    try
    {
        await run.RunAsync();
    }
    finally
    {
        var text = run.Report.Text(run.History);
        Console.WriteLine(text);
        await File.WriteAllTextAsync(Path.Combine(options.Folder, "report.txt"), text);
    }
    clean = run.Report.IsClean;
}
if (clean) Directory.Delete(Path.Combine(options.Folder, "data"), recursive: true);
return clean ? 0 : 1;
