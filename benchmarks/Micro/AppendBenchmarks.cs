using BenchmarkDotNet.Attributes;

namespace OrleansDfs.Micro;

/// <summary>Durable appends of 4 KiB to one chunk: group commit, a checked fdatasync for each group.</summary>
public class AppendBenchmarks
{
    const int Records = 512;

    ScratchFolder _folder = null!;
    ChunkWriters _writers = null!;

    [Params(1, 64)]
    public int Writers { get; set; }

    [GlobalSetup]
    public async Task OpenAsync()
    {
        _folder = new ScratchFolder();
        _writers = await ChunkWriters.OpenAsync(_folder.Path, Guid.NewGuid(), 4096, keep: false);
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public Task AppendAsync() => _writers.AppendAsync(Writers, Records);

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _writers.DisposeAsync();
        _folder.Delete();
    }
}
