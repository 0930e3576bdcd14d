using System.Diagnostics;
using System.Reflection;
using OrleansDfs.Testing;
using Xunit.Abstractions;

namespace OrleansDfs.Chaos.Tests;

/// <summary>Short runs of <c>chaos.sh</c>; long ones are for people (docs/reliability.md).</summary>
public class ChaosTests(ITestOutputHelper output)
{
    private static readonly string Program =
        typeof(ChaosTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "OrleansDfs.Chaos").Value!;

    [SkippableFact]
    public Task A_crash_of_a_silo_and_of_the_database_loses_nothing() =>
        IsCleanAsync("--minutes", "0.5", "--round", "12", "--scenario", "kill-silo,kill-postgres");

    [SkippableFact, Trait("Category", "Slow")]
    public Task Every_fault_once_loses_nothing() => IsCleanAsync("--minutes", "5");

    /// <summary>Issue 4, point 1: a machine that is busy to its limit is no death.</summary>
    [SkippableFact, Trait("Category", "Slow")]
    public Task Ten_minutes_of_saturating_load_and_no_silo_is_declared_dead() =>
        IsCleanAsync("--minutes", "10", "--scenario", "calm", "--rest", "0", "--clients", "32", "--keys", "400");

    private async Task IsCleanAsync(params string[] arguments)
    {
        Skip.If(PostgresServer.FindPrograms() is null, PostgresServer.Missing);
        Skip.IfNot(OperatingSystem.IsLinux(), "Signals and /proc as Linux has them.");
        var folder = Directory.CreateTempSubdirectory("odfs-chaos-").FullName;
        var start = new ProcessStartInfo("dotnet", ["exec", Program, .. arguments, "--folder", Path.Combine(folder, "run")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        var error = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        output.WriteLine(text);
        Assert.True(process.ExitCode == 0, $"{text}\nEverything is kept in {folder}.");
        Directory.Delete(folder, recursive: true);
    }
}
