using System.Reflection;
using System.Text.RegularExpressions;

namespace OrleansDfs.Structure.Tests;

/// <summary>The code's own form, as a ratchet: what was once small stays small, and what must never be called is not called.</summary>
public partial class FormTests
{
    private const int LongestFile = 450;

    private static readonly string Root = typeof(FormTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && !path.StartsWith('.'));

    [Fact]
    public void No_file_is_too_long_to_read() =>
        Assert.DoesNotContain(Sources(), path => File.ReadLines(Path.Combine(Root, path)).Count() > LongestFile);

    /// <summary>Both were seen to return normally although fsync(2) gave EIO (RELIABILITY I3).</summary>
    [Fact]
    public void Nobody_flushes_by_a_call_that_hides_errors() => Assert.Empty(Hits(HidingFlush(), path => !path.StartsWith("tests/Structure", StringComparison.Ordinal)));

    [Fact]
    public void Nothing_blocks_a_pool_thread() => Assert.Empty(Hits(Blocking(), path => !path.StartsWith("tests/", StringComparison.Ordinal)));

    /// <summary>A simulation runs these on one thread with a clock of its own.</summary>
    [Fact]
    public void What_a_simulation_runs_takes_its_time_from_a_TimeProvider() =>
        Assert.Empty(Hits(OwnTime(), path => path.StartsWith("Node/", StringComparison.Ordinal) || path.StartsWith("Replication/", StringComparison.Ordinal) || path.StartsWith("Client/", StringComparison.Ordinal)));

    [Fact]
    public void No_drawer_names() =>
        Assert.DoesNotContain(Sources(), path => Drawer().IsMatch(path));

    private static IEnumerable<string> Hits(Regex pattern, Func<string, bool> where) =>
        from path in Sources()
        where @where(path)
        from line in File.ReadLines(Path.Combine(Root, path)).Select((text, index) => (text, number: index + 1))
        let code = line.text.TrimStart()
        where !code.StartsWith("//", StringComparison.Ordinal) && pattern.IsMatch(code)
        select $"{path}:{line.number}: {code}";

    [GeneratedRegex(@"FlushToDisk\(|\.Flush\((true|flushToDisk)")]
    private static partial Regex HidingFlush();

    [GeneratedRegex(@"\.GetAwaiter\(\)\.GetResult\(\)|\.Wait\(\)|Thread\.Sleep\(")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"\bTask\.Run\(|new (System\.Threading\.)?Timer\(|DateTime(Offset)?\.(Utc)?Now|Stopwatch\.")]
    private static partial Regex OwnTime();

    [GeneratedRegex(@"/(Utils?|Helpers?|Common|Misc|\w*Manager)(/|\.cs$)", RegexOptions.IgnoreCase)]
    private static partial Regex Drawer();
}
