using System.Diagnostics;
using OrleansDfs.Linearizability;
using Xunit.Abstractions;

namespace OrleansDfs.Linearizability.Tests;

/// <summary>The checker against histories that are right by construction, against spoilt ones, and against trying out every order.</summary>
public class RandomHistoryTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false, 0.0, 400)]
    [InlineData(false, 0.15, 400)]
    [InlineData(true, 0.03, 60)]
    public void What_a_register_did_is_linearizable(bool versioned, double unknown, int operations)
    {
        var first = Random.Shared.Next();
        output.WriteLine($"seeds {first} and on");
        var clock = Stopwatch.StartNew();
        long most = 0;
        for (var seed = first; seed < first + 40; seed++)
        {
            var verdict = LinearizabilityChecker.Check(RandomHistory.OfRegister(seed, clients: 8, operations, versioned, unknown), versioned);
            Assert.True(verdict.IsLinearizable, $"seed {seed}: {verdict}");
            most = Math.Max(most, verdict.Steps);
        }
        output.WriteLine($"40 histories of {operations} operations in {clock.ElapsedMilliseconds} ms; most steps {most}");
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void A_read_of_what_was_overwritten_before_it_began_is_found_in_a_long_history(double unknown)
    {
        var first = Random.Shared.Next();
        output.WriteLine($"seeds {first} and on");
        var clock = Stopwatch.StartNew();
        var spoilt = 0;
        for (var seed = first; seed < first + 20; seed++)
        {
            var history = RandomHistory.OfRegister(seed, clients: 8, operations: 200, versioned: false, unknown);
            if (!TrySpoil(history, new Random(seed))) continue;
            spoilt++;
            var verdict = LinearizabilityChecker.Check(history);
            Assert.True(verdict.IsLinearizable == false, $"seed {seed}: a stale read was not found: {verdict}");
        }
        output.WriteLine($"{spoilt} spoilt histories in {clock.ElapsedMilliseconds} ms");
        Assert.True(spoilt >= 12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_says_what_trying_every_order_says(bool versioned)
    {
        var first = Random.Shared.Next();
        output.WriteLine($"seeds {first} and on");
        var good = 0;
        const int Histories = 4000;
        for (var seed = first; seed < first + Histories; seed++)
        {
            var history = RandomHistory.Anything(seed, operations: 2 + seed % 6, versioned);
            var expected = EveryOrder.Explains(history, versioned);
            var verdict = LinearizabilityChecker.Check(history, versioned);
            Assert.True(verdict.IsLinearizable == expected, $"seed {seed}: {expected} expected of\n{string.Join('\n', history)}\n{verdict}");
            if (expected) good++;
        }
        output.WriteLine($"{good} of {Histories} linearizable");
        Assert.InRange(good, Histories / 20, Histories * 19 / 20);
    }

    /// <summary>Lets one read see a value that a finished write had surely replaced before the read began.</summary>
    private static bool TrySpoil(List<KeyOperation> history, Random random)
    {
        bool SurelyOver(KeyOperation put, KeyOperation read) =>
            put is { Action: KeyAction.Put, Result: KeyResult.Done } && history.Any(next =>
                next is { Action: KeyAction.Put, Result: KeyResult.Done } && next.Began > put.Ended && next.Ended < read.Began);
        var reads = Enumerable.Range(0, history.Count).Where(i => history[i] is { Action: KeyAction.Get, Result: KeyResult.Done }).ToArray();
        random.Shuffle(reads);
        foreach (var i in reads)
        {
            if (history.FindLast(o => SurelyOver(o, history[i])) is not { } old) continue;
            history[i] = history[i] with { Value = old.Value };
            return true;
        }
        return false;
    }
}
