using System.Diagnostics;
using System.Text;
using Amazon.S3;

namespace OrleansDfs.Cluster.Tests;

/// <summary>Another gateway beside the launcher's: the same program with the same environment, on ports of its own. It ends with the test.</summary>
sealed class SecondGateway : IAsyncDisposable
{
    private readonly Process _process;

    private SecondGateway(Process process, AmazonS3Client s3)
    {
        _process = process;
        S3 = s3;
    }

    public AmazonS3Client S3 { get; }

    public static async Task<SecondGateway> StartAsync(LocalCluster cluster, Action<AmazonS3Config> configure)
    {
        var first = (await cluster.ResourcesAsync()).Single(r => r.Name == "gateway").Pid!.Value;
        var command = await ReadAsync(first, "cmdline");
        var (port, health) = (LocalCluster.FreePort(), LocalCluster.FreePort());
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true, // it ends when this is closed (ORLEANSDFS_EXIT_WITH_STDIN)
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Skip(1)) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var variable in await ReadAsync(first, "environ"))
            if (variable.Split('=', 2) is [var name, var value]) start.Environment[name] = value;
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port};http://127.0.0.1:{health}";
        start.Environment["OrleansDfs__Gateway__HealthPort"] = $"{health}";

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var gateway = new SecondGateway(process, cluster.ClientAt(port, configure));
        using var http = new HttpClient();
        await Eventually.HoldsAsync("the second gateway is healthy", async () =>
        {
            try
            {
                return (await http.GetAsync($"http://127.0.0.1:{health}/health")).IsSuccessStatusCode;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                return false; // it does not listen yet
            }
        });
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        S3.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>What the kernel keeps of a process: strings, each ended by a zero.</summary>
    private static async Task<string[]> ReadAsync(int pid, string name) =>
        Encoding.UTF8.GetString(await File.ReadAllBytesAsync($"/proc/{pid}/{name}")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
