using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// Writers of new files of 4 KiB and readers of what was acknowledged, each request tried once: what the server answers, and when, is what is
/// measured. A file's bytes follow from its key.
/// </summary>
sealed class SmallFileLoad(LocalCluster cluster, string bucket)
{
    private const int Size = 4096;

    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Task[] _clients = [];

    /// <param name="Error">Code and message, or what broke the connection; <c>null</c>: it went well.</param>
    /// <param name="Status">0: no answer.</param>
    public sealed record Sample(TimeSpan Begin, TimeSpan End, string? Error, int Status)
    {
        public TimeSpan Length => End - Begin;
    }

    public ConcurrentQueue<Sample> Puts { get; } = new();

    public ConcurrentQueue<Sample> Gets { get; } = new();

    /// <summary>Of acknowledged writes.</summary>
    public ConcurrentQueue<string> Keys { get; } = new();

    /// <summary>On the clock of the samples.</summary>
    public TimeSpan Now => _clock.Elapsed;

    public void Start(int writers, int readers) => _clients =
        [.. Enumerable.Range(0, writers).Select(WriteAsync), .. Enumerable.Range(0, readers).Select(ReadAsync)];

    public Task GoesOnAsync(string what, int writes)
    {
        var before = Keys.Count;
        return Eventually.HoldsAsync(() => what, () => Task.FromResult(Keys.Count >= before + writes), Eventually.LongLimit);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        _stop.Dispose();
    }

    /// <summary>Reads every acknowledged file and compares its bytes.</summary>
    public Task CheckAsync()
    {
        return Parallel.ForEachAsync(Keys, new ParallelOptions { MaxDegreeOfParallelism = 8 }, ReadAsync);

        async ValueTask ReadAsync(string key, CancellationToken cancellation)
        {
            using var response = await cluster.S3.GetObjectAsync(bucket, key, cancellation);
            using var content = new MemoryStream();
            await response.ResponseStream.CopyToAsync(content, cancellation);
            Assert.True(Content(key).AsSpan().SequenceEqual(content.ToArray()), $"'{key}' has other bytes than were written");
        }
    }

    private static byte[] Content(string key)
    {
        var bytes = new byte[Size];
        var text = Encoding.UTF8.GetBytes(key);
        for (var i = 0; i < Size; i++) bytes[i] = (byte)(text[i % text.Length] + i / text.Length);
        return bytes;
    }

    private async Task WriteAsync(int writer)
    {
        using var s3 = cluster.ClientAt(cluster.Port, OneTry);
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var key = $"{writer}/{i}";
            var put = new PutObjectRequest { BucketName = bucket, Key = key, InputStream = new MemoryStream(Content(key)), UseChunkEncoding = false };
            if (await TimedAsync(Puts, () => s3.PutObjectAsync(put, CancellationToken.None))) Keys.Enqueue(key);
        }
    }

    private async Task ReadAsync(int reader)
    {
        using var s3 = cluster.ClientAt(cluster.Port, OneTry);
        var random = new Random(reader);
        while (!_stop.IsCancellationRequested)
        {
            var known = Keys.ToArray();
            if (known.Length == 0)
            {
                await Task.Yield();
                continue;
            }
            await TimedAsync(Gets, async () =>
            {
                using var response = await s3.GetObjectAsync(bucket, known[random.Next(known.Length)], CancellationToken.None);
                await response.ResponseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            });
        }
    }

    private static void OneTry(AmazonS3Config config) => config.MaxErrorRetry = 0;

    private async Task<bool> TimedAsync(ConcurrentQueue<Sample> samples, Func<Task> request)
    {
        var begin = _clock.Elapsed;
        var (error, status) = ((string?)null, 200);
        try
        {
            await request();
        }
        catch (AmazonServiceException e)
        {
            (error, status) = ($"{e.ErrorCode}: {e.Message}", (int)e.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            (error, status) = (e.Message, 0);
        }
        samples.Enqueue(new Sample(begin, _clock.Elapsed, error, status));
        return error is null;
    }
}
