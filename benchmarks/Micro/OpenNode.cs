using System.Diagnostics;
using System.Globalization;
using OrleansDfs.Storage;

namespace OrleansDfs.Micro;

/// <summary>How long a storage node of many small records takes to open its folder again: it reads names and lengths of files, no records.</summary>
static class OpenNode
{
    const int Payload = 1024;
    const int Batch = 10_000;

    public static async Task<int> RunAsync(int records)
    {
        var folder = new ScratchFolder();
        try
        {
            var cluster = Guid.NewGuid();
            await WriteAsync(folder.Path, cluster, records);
            for (var round = 1; round <= 3; round++) await OpenAsync(folder.Path, cluster, round);
            return 0;
        }
        finally
        {
            folder.Delete();
        }
    }

    static async Task WriteAsync(string folder, Guid cluster, int records)
    {
        var clock = Stopwatch.StartNew();
        await using var writers = await ChunkWriters.OpenAsync(folder, cluster, Payload, keep: true);
        for (var written = 0; written < records; written += Batch) await writers.AppendAsync(writers: 100, Batch);
        Say($"{records} records of {Payload} bytes written in {clock.Elapsed.TotalSeconds:0.0} s, with fsync");
    }

    static async Task OpenAsync(string folder, Guid cluster, int round)
    {
        var clock = Stopwatch.StartNew();
        await using var store = await ChunkStore.OpenAsync(FileSystemDisk.Open(folder), cluster);
        var opened = clock.Elapsed;
        var inventory = store.Inventory();
        clock.Restart();
        foreach (var replica in inventory)
            if ((await store.VerifyAsync(replica.File, replica.Length)).Status != StoreStatus.Done)
                throw new InvalidOperationException($"Chunk {replica.File.Chunk} is damaged.");
        Say($"round {round}: opened in {opened.TotalMilliseconds:0.0} ms, {inventory.Count} chunks of {inventory.Sum(r => r.Length) >> 20} MiB");
        Say($"  every page read past the cache and verified in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
