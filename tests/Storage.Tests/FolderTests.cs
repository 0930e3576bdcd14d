using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.Storage.Tests;

/// <summary>P1: whose folder it is; and P27's import.</summary>
public class FolderTests
{
    private static readonly ReplicaFile File = new(new ChunkId(0x42), 1);
    private readonly Random _random = new(3);

    [Fact]
    public void An_empty_folder_is_a_new_node_and_keeps_its_id() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        var node = store.NodeId;
        disk = disk.CutPower(_random);
        Assert.Equal(node, (await ChunkStore.OpenAsync(disk, Records.Cluster)).NodeId);
        Assert.NotEqual(node, (await ChunkStore.OpenAsync(new MemoryDisk(), Records.Cluster)).NodeId);
    });

    [Fact]
    public void A_folder_in_use_of_another_cluster_or_without_identity_is_refused() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        _ = await ChunkStore.OpenAsync(disk, Records.Cluster);
        var error = await Assert.ThrowsAsync<DataFolderException>(async () => await ChunkStore.OpenAsync(disk, Records.Cluster));
        Assert.Contains("in use by another process", error.Message);
        disk = disk.Kill();
        error = await Assert.ThrowsAsync<DataFolderException>(async () => await ChunkStore.OpenAsync(disk, Guid.NewGuid()));
        Assert.Contains("belongs to cluster 11111111222233334444555555555555", error.Message);
        disk = disk.Kill();
        await disk.DeleteAsync("identity.json");
        error = await Assert.ThrowsAsync<DataFolderException>(async () => await ChunkStore.OpenAsync(disk, Records.Cluster));
        Assert.Contains("no identity.json", error.Message);
    });

    [Theory]
    [InlineData("""{"Format":2,"Node":"11111111-2222-3333-4444-555555555556"}""", "start a newer program")]
    [InlineData("""{"Format":1}""", "names no node")]
    [InlineData("""{"Form""", "not readable as JSON")]
    public void An_identity_that_this_program_cannot_read_is_refused(string identity, string sentence) => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var made = await disk.OpenAsync("identity.json", DiskOpen.CreateNew);
        await made.Value.WriteAsync(0, [Encoding.UTF8.GetBytes(identity)]);
        var error = await Assert.ThrowsAsync<DataFolderException>(async () => await ChunkStore.OpenAsync(disk, Records.Cluster));
        Assert.Contains(sentence, error.Message);
    });

    [Fact]
    public void An_import_is_served_only_whole_and_verified() => SingleThread.Run(async () =>
    {
        var (source, length) = await SourceAsync();
        var bytes = source.Content(Records.Name(File));
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        var copy = new ReplicaFile(File.Chunk, 5);
        Assert.Equal(new VerifyOutcome(StoreStatus.Done, length), await store.ImportAsync(copy, length, Pieces(bytes, 10_000)));
        Assert.Equal(bytes, disk.Content(Records.Name(copy)));
        Assert.Equal(StoreStatus.Closed, (await store.AppendAsync(copy, length, new byte[100])).Status);
        Assert.Equal(StoreStatus.Closed, (await store.ImportAsync(copy, length, Pieces(bytes, 10_000))).Status);
        for (var seed = 0; seed < 8; seed++)
        {
            disk = new MemoryDisk();
            store = await ChunkStore.OpenAsync(disk, Records.Cluster);
            await store.ImportAsync(copy, length, Pieces(bytes, 10_000));
            store = await ChunkStore.OpenAsync(disk.CutPower(new Random(seed)), Records.Cluster);
            Assert.Equal(new CloseOutcome(StoreStatus.Done, length), await store.CloseAsync(copy)); // durable with its name
        }
    });

    [Fact]
    public void An_import_that_is_damaged_short_long_or_cut_off_leaves_nothing() => SingleThread.Run(async () =>
    {
        var (source, length) = await SourceAsync();
        var bytes = source.Content(Records.Name(File));
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        var files = disk.Files.ToList();
        var bad = bytes.ToArray();
        bad[^1] ^= 1;
        Assert.Equal(StoreStatus.Damaged, (await store.ImportAsync(File, length, Pieces(bad, 5000))).Status);
        Assert.Equal(StoreStatus.Damaged, (await store.ImportAsync(File, length, Pieces(bytes[..^8], 5000))).Status);
        Assert.Equal(StoreStatus.Damaged, (await store.ImportAsync(File, length, Pieces([.. bytes, 0], 5000))).Status);
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await store.ImportAsync(File, length, Pieces(bytes, 5000, failAt: 3)));
        Assert.Equal(files, disk.Files);
        Assert.Empty(store.Inventory());
        Assert.Equal(StoreStatus.Done, (await store.ImportAsync(File, length, Pieces(bytes, 5000))).Status); // the same row may try again
    });

    [Fact]
    public void What_a_crash_left_of_an_import_goes_at_the_next_start() => SingleThread.Run(async () =>
    {
        var (source, length) = await SourceAsync();
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        var never = new TaskCompletionSource();
        _ = store.ImportAsync(File, length, Pieces(source.Content(Records.Name(File)), 5000, wait: never.Task)).AsTask();
        disk = disk.Kill();
        Assert.Contains(disk.Files, f => f.EndsWith(".import", StringComparison.Ordinal));
        store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        Assert.DoesNotContain(disk.Files, f => f.EndsWith(".import", StringComparison.Ordinal));
        Assert.Empty(store.Inventory());
    });

    private async Task<(MemoryDisk Disk, long Length)> SourceAsync()
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        await store.CreateAsync(File);
        long end = 64;
        for (var i = 0; i < 4; i++) end = (await store.AppendAsync(File, end, Records.Placed(_random, File.Chunk, end, 20_000 * i + 1))).End;
        return (disk, (await store.CloseAsync(File)).Length);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] bytes, int size, int failAt = -1, Task? wait = null)
    {
        for (var at = 0; at < bytes.Length; at += size)
        {
            if (failAt-- == 0) throw new EndOfStreamException("The source went away.");
            yield return bytes.AsMemory(at, Math.Min(size, bytes.Length - at));
            if (wait is not null) await wait;
        }
    }
}
