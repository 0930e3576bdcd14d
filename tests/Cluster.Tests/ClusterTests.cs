using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Testing;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// What the README promises, on real processes: a crash of a silo is no event for a user, and a restart of everything keeps every byte.
/// </summary>
public class ClusterTests
{
    private const string Bucket = "crash-test";
    private const int Megabytes = 96;

    [SkippableFact]
    public async Task A_file_survives_a_killed_silo_while_it_is_written_and_while_it_is_read_and_a_restart_of_everything()
    {
        Skip.If(PostgresServer.FindPrograms() is null, PostgresServer.Missing);
        await using var cluster = await LocalCluster.StartAsync("postgres");
        await cluster.S3.PutBucketAsync(Bucket);
        using var file = RandomFile.Create(Megabytes);

        // Written while silo 2 dies: its chunks are sealed, the writer goes on elsewhere.
        await UploadAsync(cluster, file, "written-during-a-crash", afterParts: 3, () => cluster.KillAsync("silo2"));
        await cluster.WaitUntilHealthyAsync("silo2", restarts: 1);
        Assert.Equal(file.Hash, await DownloadAsync(cluster, "written-during-a-crash"));
        await EverythingIsWellAsync(cluster);

        // Read while silo 3 dies: the reader goes to another replica, the client sees nothing.
        using (var response = await cluster.S3.GetObjectAsync(Bucket, "written-during-a-crash"))
        {
            await cluster.KillAsync("silo3");
            Assert.Equal(file.Hash, await RandomFile.HashAsync(response.ResponseStream));
        }
        await cluster.WaitUntilHealthyAsync("silo3", restarts: 1);

        // Everything stops and starts again on the same folder.
        Assert.True(await cluster.StopAsync() < TimeSpan.FromSeconds(20), "stopping took longer than 20 s");
        await cluster.StartAsync();
        Assert.Equal(file.Hash, await DownloadAsync(cluster, "written-during-a-crash"));

        // The launcher is killed: its children end by themselves, and the next start finds everything.
        var children = (await cluster.ResourcesAsync()).Where(r => r.Name != "postgres").Select(r => r.Pid!.Value).ToList();
        await cluster.KillAppHostAsync();
        await Eventually.HoldsAsync("no child outlives the launcher",
            () => Task.FromResult(children.TrueForAll(pid => !Directory.Exists($"/proc/{pid}"))));
        await cluster.StartAsync();
        Assert.Equal(file.Hash, await DownloadAsync(cluster, "written-during-a-crash"));
        Assert.Single((await cluster.S3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket })).S3Objects);
    }

    [Fact]
    public async Task Without_PostgreSQL_the_same_cluster_runs_on_SQLite()
    {
        await using var cluster = await LocalCluster.StartAsync("sqlite");
        await cluster.S3.PutBucketAsync(Bucket);
        using var file = RandomFile.Create(8);
        await cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = "dir/a file", FilePath = file.FilePath });
        Assert.Equal(file.Hash, await DownloadAsync(cluster, "dir/a file"));
        await cluster.S3.DeleteObjectAsync(Bucket, "dir/a file");
        var gone = await Assert.ThrowsAsync<NoSuchKeyException>(() => cluster.S3.GetObjectAsync(Bucket, "dir/a file"));
        Assert.Equal("NoSuchKey", gone.ErrorCode);
    }

    /// <summary>The node that was away is back on its own silo, and what was written without it has been copied to it.</summary>
    private static async Task EverythingIsWellAsync(LocalCluster cluster)
    {
        using var service = await cluster.ConnectAsync();
        var dfs = service.Services.GetRequiredService<IDfsClient>();
        var status = await dfs.StatusAsync();
        await Eventually.HoldsAsync(() => $"every node is alive and every chunk has its replicas; now {status}\n{cluster.Output}", async () =>
        {
            status = await dfs.StatusAsync();
            return status.Nodes.Nodes.Count == 3 && status.Nodes.Nodes.All(n => n.Alive) && status.UnderReplicated == 0;
        });
        var grains = service.Services.GetRequiredService<IGrainFactory>();
        foreach (var node in (await dfs.StatusAsync()).Nodes.Nodes)
        {
            var own = await grains.StorageNode(node.Node).Status();
            Assert.Equal(node.SiloName, own.SiloName); // pinned: the grain runs where its folder is
            Assert.Equal(node.Incarnation, own.Incarnation);
        }
        await service.StopAsync();
    }

    private static async Task UploadAsync(LocalCluster cluster, RandomFile file, string key, int afterParts, Func<Task> crash)
    {
        using var transfer = new TransferUtility(cluster.S3, new TransferUtilityConfig { ConcurrentServiceRequests = 4 });
        var request = new TransferUtilityUploadRequest { BucketName = Bucket, Key = key, FilePath = file.FilePath, PartSize = 6 * 1024 * 1024 };
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        request.UploadProgressEvent += (_, progress) =>
        {
            if (progress.TransferredBytes >= afterParts * request.PartSize) reached.TrySetResult();
        };
        var upload = transfer.UploadAsync(request);
        if (await Task.WhenAny(reached.Task, upload) == upload)
        {
            await upload; // shows why, if it failed
            Assert.Fail("The upload ended before the silo was killed.");
        }
        await crash();
        await upload;
    }

    private static async Task<string> DownloadAsync(LocalCluster cluster, string key)
    {
        using var response = await cluster.S3.GetObjectAsync(Bucket, key);
        return await RandomFile.HashAsync(response.ResponseStream);
    }
}
