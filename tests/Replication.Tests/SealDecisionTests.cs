using OrleansDfs.Model;

namespace OrleansDfs.Replication.Tests;

/// <summary>
/// P10–P13, clause by clause. In the tables a replica is written as its answer: a number (its length), d(amaged), a(bsent), n(o answer), f+number
/// (fsync failed), g (no answer, and the node is gone from the cluster).</summary>
public class SealDecisionTests
{
    [Theory]
    // P11: the smallest among the undamaged.
    [InlineData(0, "300 200 250", 200, "300 200 250", "", "")]
    [InlineData(200, "300 200 250", 200, "300 200 250", "", "")]
    [InlineData(0, "64 300 300", 64, "64 300 300", "", "")]
    // P11: shorter than the floor is damaged and excluded.
    [InlineData(250, "300 200 250", 250, "300 250", "", "200")]
    // P11: absent while the floor is above 0; an I/O error; P9's mark.
    [InlineData(100, "300 a 200", 200, "300 200", "", "a")]
    [InlineData(100, "300 d 200", 200, "300 200", "", "d")]
    [InlineData(100, "300 f150 200", 200, "300 200", "", "f150")]
    // The mark's answer is not believed either way: neither its short length nor its long one.
    [InlineData(0, "300 f64 f900", 300, "300", "", "f64 f900")]
    // A member without the file has acknowledged nothing, so with a floor of 0 the others' smallest still covers everything.
    [InlineData(0, "a 300 200", 200, "300 200", "", "a")]
    // P13: no answer is unverified, never bad.
    [InlineData(100, "300 n n", 300, "300", "n n", "")]
    [InlineData(100, "300 n a", 300, "300", "n", "a")]
    [InlineData(100, "g 300 d", 300, "300", "g", "d")]
    public void Sealed(long floor, string answers, long length, string live, string unverified, string bad)
    {
        var outcome = Assert.IsType<SealOutcome.Sealed>(SealDecision.Decide(floor, Parse(answers)));
        Assert.Equal(length, outcome.Length);
        Assert.Equal(live, Format(outcome.Live));
        Assert.Equal(unverified, Format(outcome.Unverified));
        Assert.Equal(bad, Format(outcome.Bad));
    }

    [Theory]
    [InlineData(0, "n n n")]
    [InlineData(0, "a n a")] // the silent one may have it
    [InlineData(0, "a d a")] // the damaged one has it
    [InlineData(100, "a a a")] // committed bytes are nowhere: only an operator accepts the loss
    [InlineData(100, "64 n 99")]
    [InlineData(0, "f300 d n")]
    public void Stays_sealing_without_an_undamaged_answer(long floor, string answers) =>
        Assert.NotEmpty(Assert.IsType<SealOutcome.StaySealing>(SealDecision.Decide(floor, Parse(answers))).Reason);

    /// <summary>P11, exception: a crashed opener does not leave its chunk open for ever.</summary>
    [Theory]
    [InlineData("a a a")]
    [InlineData("a g a")] // only members that still exist have to answer
    [InlineData("g g g")]
    public void Empty_when_every_member_that_exists_has_answered_and_none_has_the_file(string answers) =>
        Assert.IsType<SealOutcome.Empty>(SealDecision.Decide(0, Parse(answers)));

    /// <summary>P12: the floor has risen between the close and the lock; the same answers, judged anew.</summary>
    [Fact]
    public void A_floor_that_has_risen_excludes_who_is_now_too_short()
    {
        var answers = Parse("300 200 250");
        Assert.Equal(200, Assert.IsType<SealOutcome.Sealed>(SealDecision.Decide(100, answers)).Length);
        Assert.Equal(250, Assert.IsType<SealOutcome.Sealed>(SealDecision.Decide(220, answers)).Length);
        Assert.IsType<SealOutcome.StaySealing>(SealDecision.Decide(301, answers));
    }

    /// <summary>P12: a coordinator that finds the row sealed uses that length.</summary>
    [Fact]
    public void A_row_that_is_sealed_already_decides_the_length()
    {
        var outcome = SealDecision.ForSealedRow(250, Parse("300 200 250 n a"));
        Assert.Equal(250, outcome.Length);
        Assert.Equal("300 250", Format(outcome.Live));
        Assert.Equal("n", Format(outcome.Unverified));
        Assert.Equal("200 a", Format(outcome.Bad));
    }

    [Fact]
    public void A_file_without_its_own_header_counts_as_absent()
    {
        var replica = new Replica(NodeId.New(), 1, 0, ReplicaState.Live);
        Assert.Equal(SealAnswerKind.Absent, SealAnswer.Of(replica, new CloseResult(ChunkStatus.Ok, 0), false, true).Kind);
        Assert.Equal(SealAnswerKind.Length, SealAnswer.Of(replica, new CloseResult(ChunkStatus.Ok, 64), false, true).Kind);
        Assert.Equal(SealAnswerKind.NoAnswer, SealAnswer.Of(replica, new CloseResult(ChunkStatus.ShuttingDown, 0), false, true).Kind);
        Assert.Equal(SealAnswerKind.NoAnswer, SealAnswer.Of(replica, new CloseResult(ChunkStatus.Unreachable, 0), false, true).Kind);
        Assert.Equal(SealAnswerKind.Damaged, SealAnswer.Of(replica, new CloseResult(ChunkStatus.Damaged, 0), false, true).Kind);
    }

    /// <summary>Two coordinators that hear different members must not disagree about what was acknowledged; and both keep it.</summary>
    [Fact]
    public void The_smallest_keeps_the_property() => Assert.Null(FindViolation(Decide));

    /// <summary>Canary: the property is one that sealing at the maximum does not have.</summary>
    [Fact]
    public void Sealing_at_the_maximum_breaks_the_property() => Assert.NotNull(FindViolation(DecideAtMaximum));

    private static (long Length, IReadOnlyList<SealAnswer> Live)? Decide(long floor, IReadOnlyList<SealAnswer> answers) =>
        SealDecision.Decide(floor, answers) is SealOutcome.Sealed s ? (s.Length, s.Live) : null;

    private static (long Length, IReadOnlyList<SealAnswer> Live)? DecideAtMaximum(long floor, IReadOnlyList<SealAnswer> answers)
    {
        var undamaged = answers.Where(a => a is { Kind: SealAnswerKind.Length, FsyncFailed: false } && a.Length >= floor).ToList();
        return undamaged.Count == 0 ? null : (undamaged.Max(a => a.Length), undamaged);
    }

    /// <summary>
    /// All states of three replicas with lengths 64–67, acknowledged = the least of them (an acknowledgement needed all, P7), any floor up to it, any
    /// member silent, damaged or marked. Property: the sealed length covers what was acknowledged, and every live replica holds it.
    /// </summary>
    private static string? FindViolation(Func<long, IReadOnlyList<SealAnswer>, (long Length, IReadOnlyList<SealAnswer> Live)?> decide)
    {
        for (var state = 0; state < 64 * 64; state++)
        {
            long[] lengths = [64 + state % 4, 64 + state / 4 % 4, 64 + state / 16 % 4];
            var acknowledged = lengths.Min();
            var answers = lengths.Select((length, i) => (state / 64 >> (2 * i) & 3) switch
            {
                0 => new SealAnswer(NodeId.New(), 1, SealAnswerKind.Length, length),
                1 => new SealAnswer(NodeId.New(), 1, SealAnswerKind.NoAnswer, 0),
                2 => new SealAnswer(NodeId.New(), 1, SealAnswerKind.Damaged, 0),
                _ => new SealAnswer(NodeId.New(), 1, SealAnswerKind.Length, 64, FsyncFailed: true),
            }).ToList();
            foreach (var floor in new long[] { 0, acknowledged })
            {
                if (decide(floor, answers) is not { } outcome) continue;
                if (outcome.Length < acknowledged) return $"state {state}: acknowledged {acknowledged}, sealed at {outcome.Length}";
                if (outcome.Live.Any(a => a.Length < outcome.Length)) return $"state {state}: a live replica is shorter than {outcome.Length}";
            }
        }
        return null;
    }

    private static List<SealAnswer> Parse(string answers) => [.. answers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a[0] switch
    {
        'd' => new SealAnswer(NodeId.New(), 1, SealAnswerKind.Damaged, 0),
        'a' => new SealAnswer(NodeId.New(), 1, SealAnswerKind.Absent, 0),
        'n' => new SealAnswer(NodeId.New(), 1, SealAnswerKind.NoAnswer, 0),
        'g' => new SealAnswer(NodeId.New(), 1, SealAnswerKind.NoAnswer, 0, Exists: false),
        'f' => new SealAnswer(NodeId.New(), 1, SealAnswerKind.Length, long.Parse(a[1..]), FsyncFailed: true),
        _ => new SealAnswer(NodeId.New(), 1, SealAnswerKind.Length, long.Parse(a)),
    })];

    private static string Format(IReadOnlyList<SealAnswer> answers) => string.Join(' ', answers.Select(a => a switch
    {
        { FsyncFailed: true } => $"f{a.Length}",
        { Kind: SealAnswerKind.Damaged } => "d",
        { Kind: SealAnswerKind.Absent } => "a",
        { Kind: SealAnswerKind.NoAnswer, Exists: false } => "g",
        { Kind: SealAnswerKind.NoAnswer } => "n",
        _ => a.Length.ToString(),
    }));
}
