using System.Diagnostics;
using System.Globalization;

namespace OrleansDfs.Load;

/// <summary>
/// Costs that must not grow: memory of servers that nobody uses, with thousands of connections that are open and idle, and during one upload larger
/// than any memory.
/// </summary>
sealed class FlatCosts(Target target, string bucket)
{
    readonly ServerUse _use = new(target);

    /// <summary>Opens <paramref name="count"/> connections that are used once and kept, and tells what they cost and what others notice.</summary>
    /// <exception cref="IOException">A connection was refused or did not live.</exception>
    public async Task OpenConnections(int count, TimeSpan duration)
    {
        Memory("idle");
        var workload = new Workload(target, bucket, 0);
        await workload.CreateBuckets();
        var measurement = new Measurement(duration, TimeSpan.FromSeconds(2), long.MaxValue);
        var step = new Step(Work.Get, 4096, 8);
        var alone = await measurement.Run(target, workload, step, 0);
        Memory("after GETs of 4 KiB");

        var connections = Enumerable.Range(0, count).Select(_ => new Connection(target, bufferSize: 4096)).ToArray();
        try
        {
            var clock = Stopwatch.StartNew();
            await UseAll(connections, workload);
            Say($"{count} connections opened and used once in {clock.Elapsed.TotalSeconds:0.0} s");
            Memory($"{count} connections open");
            var beside = await measurement.Run(target, workload, step, 1);
            clock.Restart();
            await UseAll(connections, workload);
            Say($"all {count} used once more in {clock.Elapsed.TotalSeconds:0.0} s");
            foreach (var line in Report.Lines([alone with { Target = "alone" }, beside with { Target = "beside them" }], "")) Console.WriteLine(line);
        }
        finally
        {
            foreach (var connection in connections) connection.Dispose();
        }
    }

    /// <summary>One multipart upload, parts of 64 MiB, then its download; memory after each tenth of it.</summary>
    /// <exception cref="IOException">A part, the completion or the download failed.</exception>
    public async Task LargeUpload(long size, int connections)
    {
        const long PartSize = 64 << 20;
        var path = $"/{bucket}/large";
        await new Workload(target, bucket, 0).CreateBuckets();
        using var control = new Connection(target);
        var (created, upload) = await Multipart.Start(control, path);
        Succeeded(created, "POST ?uploads");
        Memory("before");
        var tags = new string[(size + PartSize - 1) / PartSize];
        var next = -1;
        var done = 0;
        var clock = Stopwatch.StartNew();
        ServerUse.ForgetPeaks(_use.Find());
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            using var connection = new Connection(target);
            while (Interlocked.Increment(ref next) is var part && part < tags.Length)
            {
                var length = Math.Min(PartSize, size - part * PartSize);
                var sent = await Multipart.Part(connection, path, upload, part + 1, Workload.Content, length);
                Succeeded(sent, "UploadPart");
                tags[part] = sent.ETag;
                var count = Interlocked.Increment(ref done);
                if (count % Math.Max(1, tags.Length / 10) == 0) Memory($"{count * PartSize / 1e9:0.0} GB in, {clock.Elapsed.TotalSeconds:0} s");
            }
        }));
        control.Dispose(); // idle for so long that the server may have closed it; the next call makes another
        Succeeded(await Multipart.Complete(control, path, upload, tags), "CompleteMultipartUpload");
        Say($"{size / 1e9:0.0} GB in {clock.Elapsed.TotalSeconds:0.0} s, {size / 1e6 / clock.Elapsed.TotalSeconds:0} MB/s");
        clock.Restart();
        var got = await control.Send("GET", path, "", default, null, keepBody: false);
        if (got.Length != size) throw new IOException($"The download answered {got.Status} and {got.Length} bytes.");
        Say($"downloaded in {clock.Elapsed.TotalSeconds:0.0} s, {size / 1e6 / clock.Elapsed.TotalSeconds:0} MB/s");
        Memory("downloaded");
        Succeeded(await control.Send("DELETE", path, "", default, null, keepBody: false), "DELETE");
    }

    static async Task UseAll(Connection[] connections, Workload workload)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async n =>
        {
            var random = new Random(n);
            while (Interlocked.Increment(ref next) is var i && i < connections.Length)
                Succeeded(await workload.Run(connections[i], Work.Head, 4096, random), "HEAD");
        }));
    }

    static void Succeeded(Answer answer, string what)
    {
        if (answer.Status is < 200 or >= 300) throw new IOException($"{what} answered {answer.Status}: {answer.Body}");
    }

    /// <summary>Resident memory now, and its peak, process by process.</summary>
    void Memory(string when)
    {
        var processes = _use.Find().GroupBy(ServerUse.Name).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.Count() < 5 && !g.Key.StartsWith("postgres", StringComparison.Ordinal)
                ? $"{g.Key} {string.Join(" + ", g.Select(p => $"{ServerUse.ResidentMebibytes([p])}"))} (peak {ServerUse.PeakMebibytes([.. g])})"
                : $"{g.Key} {ServerUse.ResidentMebibytes([.. g])} in {g.Count()}");
        Say($"{when}: MiB {string.Join(", ", processes)}");
    }

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
