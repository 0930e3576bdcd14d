using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using Spectre.Console;

namespace OrleansDfs.Cli;

/// <summary>The commands on a connected client.</summary>
internal sealed class Commands(IDfsClient client, AccountCommands accounts, NodeCommands nodes, IAnsiConsole console)
{
    private readonly Transfer _transfer = new(console);

    public Task RunAsync(Request request, CancellationToken cancellation) => request.Command switch
    {
        "upload" => UploadAsync(request, cancellation),
        "download" => DownloadAsync(request, cancellation),
        "cat" => CatAsync(request, cancellation),
        "ls" => ListAsync(request, cancellation),
        "rm" => RemoveAsync(request, cancellation),
        "mb" => MakeBucketAsync(request.Operands[0], cancellation),
        "rb" => RemoveBucketAsync(request.Operands[0], cancellation),
        "buckets" => BucketsAsync(cancellation),
        "status" => StatusAsync(cancellation),
        "rebalance" => nodes.RebalanceAsync(request),
        "scrub" => nodes.ScrubAsync(request),
        _ when NodeCommands.Has(request.Command) => nodes.NodeAsync(request, cancellation),
        _ when AccountCommands.Has(request.Command) => accounts.RunAsync(request, cancellation),
        _ => throw new UsageException($"There is no command '{request.Command}'."),
    };

    private async Task UploadAsync(Request request, CancellationToken cancellation)
    {
        var path = request.Operands[0];
        if (Directory.Exists(path)) throw new UsageException($"'{path}' is a folder; upload takes one file.");
        if (!File.Exists(path)) throw new UsageException($"There is no file '{path}'.");
        var key = request.Key ?? Path.GetFileName(path);
        if (request.Bucket == Request.DefaultBucket) await EnsureDefaultBucketAsync(cancellation);
        await _transfer.RunAsync(
            key,
            new FileInfo(path).Length,
            progress => client.UploadAsync(request.Bucket, key, path, progress: progress, cancellation: cancellation));
        Say($"{request.Bucket}/{key}");
    }

    private async Task DownloadAsync(Request request, CancellationToken cancellation)
    {
        var key = request.Operands[0];
        var path = request.Operands.Count > 1 ? request.Operands[1] : key[(key.LastIndexOf('/') + 1)..];
        if (path.Length == 0) throw new UsageException($"'{key}' ends with a slash: name the local file too.");
        if (Directory.Exists(path)) path = Path.Combine(path, key[(key.LastIndexOf('/') + 1)..]);
        var found = await client.StatAsync(request.Bucket, key, cancellation: cancellation);
        var options = new ReadOptions { Version = found.Version }; // what is downloaded is what was announced
        await _transfer.RunAsync(
            key, found.Size, progress => client.DownloadAsync(request.Bucket, key, path, options, progress, cancellation));
        Say(path);
    }

    private async Task CatAsync(Request request, CancellationToken cancellation)
    {
        await using var file = await client.OpenReadAsync(request.Bucket, request.Operands[0], cancellation: cancellation);
        await using var output = Console.OpenStandardOutput();
        await file.CopyToAsync(output, cancellation: cancellation);
    }

    private async Task ListAsync(Request request, CancellationToken cancellation)
    {
        if (request.Bucket == Request.DefaultBucket && !await client.BucketExistsAsync(request.Bucket, cancellation)) return;
        var options = new ListOptions { Prefix = request.Operands.Count > 0 ? request.Operands[0] : "" };
        await foreach (var entry in client.ListAsync(request.Bucket, options, cancellation))
            Say($"{entry.LastModified.UtcDateTime:yyyy-MM-dd HH:mm:ss} {Sizes.Text(entry.Size),10} {entry.Key}");
    }

    private async Task RemoveAsync(Request request, CancellationToken cancellation)
    {
        var key = request.Operands[0];
        // Deleting what is not there is no error to the cluster, but to a person it is.
        await client.StatAsync(request.Bucket, key, cancellation: cancellation);
        await client.DeleteAsync(request.Bucket, key, cancellation: cancellation);
    }

    private async Task MakeBucketAsync(string bucket, CancellationToken cancellation) => await client.CreateBucketAsync(bucket, cancellation);

    private Task RemoveBucketAsync(string bucket, CancellationToken cancellation) => client.DeleteBucketAsync(bucket, cancellation);

    private async Task BucketsAsync(CancellationToken cancellation)
    {
        await foreach (var bucket in client.ListBucketsAsync(cancellation: cancellation))
            Say($"{bucket.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss} {bucket.Name}");
    }

    private async Task StatusAsync(CancellationToken cancellation) => StatusView.Write(await client.StatusAsync(cancellation), console);

    private async Task EnsureDefaultBucketAsync(CancellationToken cancellation)
    {
        if (await client.BucketExistsAsync(Request.DefaultBucket, cancellation)) return;
        try
        {
            await client.CreateBucketAsync(Request.DefaultBucket, cancellation);
        }
        catch (DfsException e) when (e.Status == DfsStatus.BucketAlreadyExists)
        {
            return; // another was quicker
        }
    }

    /// <summary>A plain line: keys may hold what looks like markup.</summary>
    private void Say(string line) => console.Profile.Out.Writer.WriteLine(line);
}
