using System.Reflection;
using System.Text.RegularExpressions;

namespace OrleansDfs.Structure.Tests;

/// <summary>The code's own form, as a ratchet: what was once small stays small, and what must never be called is not called.</summary>
public partial class FormTests
{
    private const int LongestFile = 450;

    private static readonly string Root = typeof(FormTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!;

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
                && !path.StartsWith('.'));

    [Fact]
    public void No_file_is_too_long_to_read() =>
        Assert.DoesNotContain(Sources(), path => File.ReadLines(Path.Combine(Root, path)).Count() > LongestFile);

    /// <summary>Both were seen to return normally although fsync(2) gave EIO (RELIABILITY I3).</summary>
    [Fact]
    public void Nobody_flushes_by_a_call_that_hides_errors() =>
        Assert.Empty(Hits(HidingFlush(), path => !path.StartsWith("tests/Structure", StringComparison.Ordinal)));

    [Fact]
    public void Nothing_blocks_a_pool_thread() => Assert.Empty(Hits(Blocking(), path => !path.StartsWith("tests/", StringComparison.Ordinal)));

    /// <summary>A simulation runs these on one thread with a clock of its own.</summary>
    [Fact]
    public void What_a_simulation_runs_takes_its_time_from_a_TimeProvider() =>
        Assert.Empty(Hits(OwnTime(), path => path.StartsWith("Node/", StringComparison.Ordinal)
            || path.StartsWith("Replication/", StringComparison.Ordinal) || path.StartsWith("Client/", StringComparison.Ordinal)));

    /// <summary>S3.md §6, 18: how long a comparison takes must not tell how much of a signature was right.</summary>
    [Fact]
    public void Signatures_are_compared_in_fixed_time_only()
    {
        Assert.Empty(Hits(LeakingComparison(), path => path.StartsWith("S3/", StringComparison.Ordinal)
            || path.StartsWith("Gateway/Access/", StringComparison.Ordinal) || path.StartsWith("Silo/Identity/", StringComparison.Ordinal)));
        foreach (var path in new[] { "S3/Signature/Hmac.cs", "Silo/Identity/IdentityGrain.cs" })
            Assert.Contains("CryptographicOperations.FixedTimeEquals(", File.ReadAllText(Path.Combine(Root, path)), StringComparison.Ordinal);
        // Each that judges one goes by Hmac.Matches; by name, so that none is lost unseen.
        foreach (var path in new[] { "S3/Signature/SignedRequest.cs", "S3/Forms/FormSignature.cs", "S3/Payload/AwsChunkedReader.cs" })
            Assert.Contains("Hmac.Matches(", File.ReadAllText(Path.Combine(Root, path)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("if (expected == Claim.Signature) return;", true)]
    [InlineData("return signature.SequenceEqual(given);", true)]
    [InlineData("if (!_signature.Equals(given, StringComparison.Ordinal))", true)]
    [InlineData("if (given != signatureText)", true)]
    [InlineData("if (!Hmac.Matches(expected, given)) throw", false)]
    [InlineData("if (name == TrailerSignatureName)", false)]
    [InlineData("if (query[\"Signature\"] is not { Length: > 0 } signature", false)]
    public void What_counts_as_a_leaking_comparison(string code, bool leaks) => Assert.Equal(leaks, LeakingComparison().IsMatch(code));

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

    /// <summary>
    /// Anything called a signature beside <c>==</c>, <c>!=</c>, <c>Equals</c> or <c>SequenceEqual</c>; constants and rules that have it in their name
    /// are none.
    /// </summary>
    [GeneratedRegex(@"(?<!Trailer)[sS]ignature(Text|Bytes)?(\(\))?\s*(==|!=)(?!\s*null)|(==|!=)\s*(\w+\.)*_?[sS]ignature(Text|Bytes)?\b(?!\.)|[sS]ignature(Text|Bytes)?\.(Sequence)?Equal")]
    private static partial Regex LeakingComparison();

    [GeneratedRegex(@"/(Utils?|Helpers?|Common|Misc|\w*Manager)(/|\.cs$)", RegexOptions.IgnoreCase)]
    private static partial Regex Drawer();
}
