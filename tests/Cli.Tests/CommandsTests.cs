using System.Runtime.CompilerServices;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using Spectre.Console;

namespace OrleansDfs.Cli.Tests;

/// <summary>Commands against a client in memory, with the output going to a file: no bars, plain lines.</summary>
public sealed class CommandsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("odfs-tests-");
    private readonly StringWriter _output = new();
    private readonly MemoryClient _client = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_goes_up_under_its_name_into_the_bucket_made_for_it_and_comes_down_again()
    {
        var source = Path.Combine(_folder.FullName, "[b]file[red].txt"); // looks like markup
        var target = Path.Combine(_folder.FullName, "target");
        await File.WriteAllTextAsync(source, "hello");

        await RunAsync("upload", source);
        await RunAsync("ls");
        await RunAsync("download", "[b]file[red].txt", target);

        Assert.Equal("hello", await File.ReadAllTextAsync(target));
        Assert.Equal(["files"], _client.Buckets);
        Assert.Contains("5 B [b]file[red].txt", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("files/[b]file[red].txt", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_buckets_are_not_made_by_an_upload()
    {
        var source = Path.Combine(_folder.FullName, "x");
        await File.WriteAllTextAsync(source, "hello");

        var failure = await Assert.ThrowsAsync<DfsException>(() => RunAsync("upload", source, "--bucket", "other"));

        Assert.Equal(DfsStatus.NoSuchBucket, failure.Status);
        Assert.Empty(_client.Buckets);
    }

    [Fact]
    public async Task Removing_what_is_not_there_is_an_error_to_a_person()
    {
        await RunAsync("mb", "files");
        Assert.Equal(DfsStatus.NoSuchKey, (await Assert.ThrowsAsync<DfsException>(() => RunAsync("rm", "x"))).Status);
    }

    [Fact]
    public async Task A_local_file_that_is_not_there_or_is_a_folder_is_told_before_anything_is_made()
    {
        await Assert.ThrowsAsync<UsageException>(() => RunAsync("upload", Path.Combine(_folder.FullName, "missing")));
        await Assert.ThrowsAsync<UsageException>(() => RunAsync("upload", _folder.FullName));
        Assert.Empty(_client.Buckets);
    }

    [Fact]
    public async Task Listing_the_default_bucket_before_it_exists_shows_nothing()
    {
        await RunAsync("ls");
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public async Task Status_warns_when_nodes_are_missing()
    {
        var node = new StorageNodeInfo(NodeId.New(), 1, "silo1", "host", 1, "rack", NodeState.Registered, false, false, 2048, 1024, default, true);
        var nodes = new NodeTable(1, [node, node with { SiloName = "silo2" }, node with { SiloName = "silo3", Alive = false }]);
        _client.Status = new ClusterStatus(nodes, 10, 2, 3, 1, 7, 4096, 3, 2, null);

        await RunAsync("status");

        var shown = _output.ToString();
        Assert.Contains("away", shown, StringComparison.Ordinal);
        Assert.Contains("Chunks 10, not sealed 2, with too few replicas 3", shown, StringComparison.Ordinal);
        Assert.Contains("New bytes get only 2 replicas", shown, StringComparison.Ordinal);
    }

    private Task RunAsync(params string[] words)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_output),
        });
        console.Profile.Width = 200;
        return new Commands(_client, new AccountCommands(null!, console), new NodeCommands(null!, _client, console), console)
            .RunAsync(CommandLine.ParseCommand(words), CancellationToken.None);
    }

    /// <summary>What the commands need of a client, in memory.</summary>
    private sealed class MemoryClient : IDfsClient
    {
        private readonly Dictionary<(string, string), byte[]> _files = [];

        public List<string> Buckets { get; } = [];

        public ClusterStatus? Status { get; set; }

        public Task<DfsBucketInfo> CreateBucketAsync(string bucket, CancellationToken cancellation = default)
        {
            Buckets.Add(bucket);
            return Task.FromResult(new DfsBucketInfo(bucket, "root", default, Versioning.Unversioned));
        }

        public Task<bool> BucketExistsAsync(string bucket, CancellationToken cancellation = default) => Task.FromResult(Buckets.Contains(bucket));

        public async Task<DfsFileInfo> UploadAsync(
            string bucket, string key, string path, WriteOptions? options = null,
            IProgress<long>? progress = null, CancellationToken cancellation = default)
        {
            if (!Buckets.Contains(bucket)) throw new DfsException(DfsStatus.NoSuchBucket, "no such bucket");
            _files[(bucket, key)] = await File.ReadAllBytesAsync(path, cancellation);
            return await StatAsync(bucket, key, null, cancellation);
        }

        public async Task<DfsFileInfo> DownloadAsync(
            string bucket, string key, string path, ReadOptions? options = null,
            IProgress<long>? progress = null, CancellationToken cancellation = default)
        {
            await File.WriteAllBytesAsync(path, _files[(bucket, key)], cancellation);
            return await StatAsync(bucket, key, null, cancellation);
        }

        public Task<DfsFileInfo> StatAsync(string bucket, string key, VersionId? version = null, CancellationToken cancellation = default) =>
            _files.TryGetValue((bucket, key), out var bytes)
                ? Task.FromResult(new DfsFileInfo(bucket, key, new VersionId(1), bytes.Length, "", default, null, new Dictionary<string, string>()))
                : throw new DfsException(DfsStatus.NoSuchKey, "no such file");

        public async IAsyncEnumerable<DfsListEntry> ListAsync(
            string bucket, ListOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            await Task.CompletedTask;
            foreach (var ((_, key), bytes) in _files.Where(f => f.Key.Item1 == bucket))
                yield return new DfsListEntry(key, false, bytes.Length, "", default);
        }

        public Task<ClusterStatus> StatusAsync(CancellationToken cancellation = default) => Task.FromResult(Status!);

        public Task DeleteBucketAsync(string bucket, CancellationToken cancellation = default) => throw new NotSupportedException();

        public IAsyncEnumerable<DfsBucketInfo> ListBucketsAsync(string prefix = "", CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public Task<DfsFile> OpenReadAsync(string bucket, string key, ReadOptions? options = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public Task<DfsFileInfo> WriteAsync(
            string bucket, string key, Stream content, WriteOptions? options = null,
            IProgress<long>? progress = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public Task DeleteAsync(string bucket, string key, VersionId? version = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public Task<DfsFileInfo> CopyAsync(
            string sourceBucket, string sourceKey, string bucket, string key, CopyOptions? options = null,
            CancellationToken cancellation = default) =>
            throw new NotSupportedException();
    }
}
