using System.Diagnostics;

namespace OrleansDfs.Conformance.Tests;

/// <summary>A client that is a program: aws-cli, rclone, Python with boto3. A test whose program is not there is skipped and says so.</summary>
public static class Tool
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static Task<ToolResult> Run(S3Server server, string program, params string[] arguments) =>
        Run(server, program, arguments, environment: null);

    /// <summary>Runs the program with the server's address and root key in the variables that AWS's clients read.</summary>
    /// <param name="environment">More variables; one that is null is taken away.</param>
    /// <param name="folder">Where it runs; null is here.</param>
    public static async Task<ToolResult> Run(
        S3Server server, string program, string[] arguments, IReadOnlyDictionary<string, string?>? environment, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (folder is not null) start.WorkingDirectory = folder;
        start.Environment["AWS_ACCESS_KEY_ID"] = server.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = server.SecretKey;
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        start.Environment["AWS_REGION"] = "us-east-1"; // the JavaScript SDK reads no other
        start.Environment["AWS_ENDPOINT_URL"] = server.Endpoint.GetLeftPart(UriPartial.Authority);
        if (server.AuthorityFile is { } authority)
            foreach (var name in new[] { "AWS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS" }) start.Environment[name] = authority;
        start.Environment["AWS_CONFIG_FILE"] = "/dev/null";
        start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(_patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took longer than {_patience}.");
        }
        return new ToolResult($"{program} {string.Join(' ', arguments)}", process.ExitCode, await output, await error);
    }

    public static async Task Need(string program, params string[] probe)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, probe) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            Skip.If(process.ExitCode != 0, $"{program} {string.Join(' ', probe)} does not run here.");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip.If(true, $"{program} is not installed.");
        }
    }
}

public sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>This result if the program ended well; else the test fails with what it wrote.</summary>
    public ToolResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Command} ended with {ExitCode}: {Output}{Error}");
        return this;
    }
}
