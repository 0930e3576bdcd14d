using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Simulation.Tests;

/// <summary>A process with the product's client library in it: what a gateway does for PUT, GET, DELETE and multipart uploads. It never takes its
/// leave: it is killed (<see cref="SimulatedProcess.IsDead"/>), and the supervisor finds what it has left open.</summary>
sealed class SimulatedClient
{
    private readonly SimulatedCluster _cluster;

    public SimulatedClient(SimulatedCluster cluster, string name, int seed)
    {
        _cluster = cluster;
        Process = new SimulatedProcess(name);
        var options = new DfsClientOptions
        {
            SharedChunks = 1,
            SpareChunks = 0,
            RecordBuffers = 4,
            WriteBudget = TimeSpan.FromSeconds(8),
            LeaseRenewal = TimeSpan.FromSeconds(3),
        };
        Connections = new DfsConnections(
            new SimulatedGrains(cluster, Process).Factory, options, new Links(cluster, Process), cluster.World.Time, NullLoggerFactory.Instance)
        {
            Random = new Random(seed),
        };
    }

    public SimulatedProcess Process { get; }

    public DfsConnections Connections { get; }

    /// <summary>Bytes that tell their number, and are different at every place.</summary>
    public static byte[] Content(long number, int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i + 8 <= size; i += 8) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i), number + ((long)i << 24));
        return bytes;
    }

    public static long NumberOf(ReadOnlySpan<byte> content) => BinaryPrimitives.ReadInt64LittleEndian(content);

    /// <returns>What a client would be told; <see cref="DfsStatus.Unavailable"/> before the commit, <see cref="DfsStatus.Unknown"/> from it
    /// on.</returns>
    public async Task<DfsStatus> PutAsync(string key, byte[] content, WritePrecondition? precondition = null)
    {
        try
        {
            var written = await WriteAsync(key, content);
            var commit = new CommitFile(
                _cluster.Bucket.Ref, AttemptId.New(), written.Blob, Convert.ToHexStringLower(written.Digests.Md5!), FileProperties.Empty, [],
                precondition ?? WritePrecondition.None);
            return (await Connections.Grains.CommitAsync(_cluster.Bucket.Id, ObjectKey.Parse(key), commit)).Status;
        }
        catch (DfsException e)
        {
            return e.Status;
        }
    }

    public async Task<DfsStatus> DeleteAsync(string key)
    {
        try
        {
            var request = new DeleteFile(_cluster.Bucket.Ref, AttemptId.New(), VersionSelector.Current, null);
            return (await Connections.Grains.DeleteAsync(_cluster.Bucket.Id, ObjectKey.Parse(key), request, CancellationToken.None)).Status;
        }
        catch (DfsException e)
        {
            return e.Status;
        }
    }

    public async Task<DfsStatus> CopyAsync(string source, string target)
    {
        try
        {
            var from = ObjectKey.Parse(source);
            var opened = await OpenAsync(from);
            if (opened.Status != DfsStatus.Ok) return opened.Status;
            var request = new CopyFile(
                _cluster.Bucket.Ref, AttemptId.New(), _cluster.Bucket.Ref, from, opened.Version!.Version, null, null, WritePrecondition.None);
            return (await Connections.Grains.CopyAsync(_cluster.Bucket.Id, ObjectKey.Parse(target), request)).Status;
        }
        catch (DfsException e)
        {
            return e.Status;
        }
    }

    /// <returns>The whole content; <c>null</c> with <see cref="DfsStatus.NoSuchKey"/>, or with what went wrong.</returns>
    public async Task<(DfsStatus Status, byte[]? Content, string ETag)> GetAsync(string key)
    {
        try
        {
            var opened = await OpenAsync(ObjectKey.Parse(key));
            if (opened.Status != DfsStatus.Ok) return (opened.Status, null, "");
            await using var reader = Connections.OpenReader(opened.Version!, opened.Manifest!, 0, opened.Version!.Size);
            using var content = new MemoryStream();
            while (await reader.ReadAsync() is { IsEmpty: false } read) content.Write(read.Span);
            return (DfsStatus.Ok, content.ToArray(), opened.Version!.ETag);
        }
        catch (DfsException e)
        {
            return (e.Status, null, "");
        }
    }

    /// <summary>Begins an upload, sends its part twice (the second counts), and completes it; a repetition of Complete answers as the
    /// first.</summary>
    public async Task<DfsStatus> UploadAsync(string key, byte[] replaced, byte[] content)
    {
        try
        {
            var name = ObjectKey.Parse(key);
            var id = UploadId.New();
            var info = new UploadInfo(
                id, _cluster.Bucket.Id, name, "root", default, FileProperties.Empty, new Dictionary<string, string>(), null, null);
            var grain = Connections.Grains.Upload(id);
            var created = await grain.Create(new CreateUpload(_cluster.Bucket.Ref, info));
            if (created != DfsStatus.Ok) return DfsStatus.Unavailable;
            var etag = "";
            foreach (var bytes in (byte[][])[replaced, content])
            {
                var written = await WriteAsync(key, bytes);
                etag = Convert.ToHexStringLower(written.Digests.Md5!);
                var part = await grain.PutPart(new PutPart(_cluster.Bucket.Ref, name, 1, written.Blob, etag, null, AttemptId.New()));
                if (part.Status != DfsStatus.Ok) return DfsStatus.Unavailable;
            }
            var complete = new CompleteUpload(_cluster.Bucket.Ref, name, [new CompletedPart(1, etag, null)], null, null, WritePrecondition.None);
            return await CompleteAsync(grain, complete);
        }
        catch (DfsException e)
        {
            return e.Status;
        }
        catch (TimeoutException)
        {
            return DfsStatus.Unavailable; // not completed: nothing may be seen of it
        }
    }

    private Task<OpenFileResult> OpenAsync(ObjectKey key) => Connections.Grains.ReadAsync(
        () => Connections.Grains.File(_cluster.Bucket.Id, key).Open(new OpenFile(_cluster.Bucket.Ref, VersionSelector.Current)),
        CancellationToken.None);

    private static async Task<DfsStatus> CompleteAsync(IUploadGrain grain, CompleteUpload complete)
    {
        try
        {
            return (await grain.Complete(complete)).Status;
        }
        catch (TimeoutException)
        {
            return DfsStatus.Unknown;
        }
    }

    private async Task<WrittenFile> WriteAsync(string key, byte[] content)
    {
        var owner = new RecordOwner(_cluster.Bucket.Name, ObjectKey.Parse(key));
        await using var writer = Connections.OpenWriter(owner, BlobId.New(), Digests.Md5, content.Length);
        await writer.WriteAsync(content);
        return await writer.CompleteAsync();
    }

    private sealed class Links(SimulatedCluster cluster, SimulatedProcess process) : PeerSource
    {
        public override IChunkPeer Get(Guid clusterId, NodeAddress address) => cluster.Peer(process, address);

        public override ValueTask DisposeAsync() => default;
    }
}
