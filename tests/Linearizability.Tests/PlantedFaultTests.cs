using OrleansDfs.Linearizability;
using static OrleansDfs.Linearizability.KeyAction;
using static OrleansDfs.Linearizability.KeyResult;

namespace OrleansDfs.Linearizability.Tests;

/// <summary>The faults that a store must not have, each planted in a small history, beside the history that only looks like it.</summary>
public class PlantedFaultTests
{
    [Fact]
    public void A_stale_read_is_found()
    {
        Assert.False(Check(Op(0, 1, Put, 1), Op(2, 3, Put, 2), Op(4, 5, Get, 1)));
        Assert.True(Check(Op(0, 1, Put, 1), Op(2, 4, Put, 2), Op(3, 5, Get, 1)));
    }

    [Fact]
    public void Two_reads_that_go_back_in_time_are_found_although_each_alone_would_do()
    {
        KeyOperation[] writes = [Op(0, 1, Put, 1), Op(2, 9, Put, 2)];
        Assert.False(Check([.. writes, Op(3, 4, Get, 2), Op(5, 6, Get, 1)]));
        Assert.True(Check([.. writes, Op(3, 4, Get, 1), Op(5, 6, Get, 2)]));
    }

    /// <summary>
    /// As an hour of chaos had them: the wrong order of the put and the delete would be tried with every choice of the unknown ones.
    /// </summary>
    [Fact]
    public void Unknown_writes_of_which_nothing_is_seen_do_not_keep_a_stack_from_being_decided()
    {
        var unknown = Enumerable.Range(100, 24).Select(n => Op(n - 99, n, n % 3 == 0 ? Delete : Put, n, Unknown));
        KeyOperation[] known = [Op(50, 60, Put, 1), Op(70, 80, Put, 2), Op(72, 78, Delete, 3), Op(81, 82, Get, 2), Op(83, 84, GetVersion, 1)];
        Assert.True(LinearizabilityChecker.Check([.. unknown, .. known], versioned: true, maxSteps: 1000).IsLinearizable);
        Assert.NotEqual(true, LinearizabilityChecker.Check([.. unknown, .. known, Op(85, 86, GetVersion, 1, Missing)], true, 1000).IsLinearizable);
    }

    [Fact]
    public void A_lost_write_is_found()
    {
        Assert.False(Check(Op(0, 1, Put, 1), Op(2, 3, Get, 0, Missing)));
        Assert.False(Check(Op(0, 1, Put, 1), Op(2, 3, Put, 2), Op(4, 5, Delete, 1, Done, KeyCondition.IfCurrent(1))));
        Assert.True(Check(Op(0, 1, Put, 1, Unknown), Op(2, 3, Get, 0, Missing)));
    }

    [Fact]
    public void Two_winners_of_a_conditional_create_are_found()
    {
        Assert.False(Check(Op(0, 5, Put, 1, Done, KeyCondition.IfAbsent), Op(1, 4, Put, 2, Done, KeyCondition.IfAbsent)));
        Assert.True(Check(Op(0, 5, Put, 1, Done, KeyCondition.IfAbsent), Op(1, 4, Put, 2, ConditionFailed, KeyCondition.IfAbsent)));
        Assert.False(Check(
            Op(0, 1, Put, 1), Op(2, 9, Put, 2, Done, KeyCondition.IfCurrent(1)), Op(3, 8, Put, 3, Done, KeyCondition.IfCurrent(1))));
    }

    [Fact]
    public void A_conditional_create_without_a_winner_is_found()
    {
        Assert.False(Check(Op(0, 5, Put, 1, ConditionFailed, KeyCondition.IfAbsent), Op(1, 4, Put, 2, ConditionFailed, KeyCondition.IfAbsent)));
        Assert.True(Check(Op(0, 5, Put, 1, Unknown, KeyCondition.IfAbsent), Op(1, 4, Put, 2, ConditionFailed, KeyCondition.IfAbsent)));
    }

    [Fact]
    public void A_resurrected_delete_is_found()
    {
        Assert.False(Check(Op(0, 1, Put, 1), Op(2, 3, Delete, 9), Op(4, 5, Get, 0, Missing), Op(6, 7, Get, 1)));
        Assert.True(Check(Op(0, 1, Put, 1), Op(2, 3, Delete, 9, Unknown), Op(4, 5, Get, 1), Op(6, 7, Get, 0, Missing)));
    }

    [Fact]
    public void A_write_of_unknown_outcome_may_happen_later_or_never_but_once_and_not_before_it_began()
    {
        var late = Op(0, 0, Put, 1, Unknown);
        Assert.True(Check(late, Op(1, 2, Put, 2), Op(3, 4, Get, 2), Op(5, 6, Get, 1)));
        Assert.True(Check(late, Op(1, 2, Put, 2), Op(3, 4, Get, 2)));
        Assert.False(Check(late, Op(1, 2, Put, 2), Op(3, 4, Get, 1), Op(5, 6, Put, 3), Op(7, 8, Get, 1)));
        Assert.False(Check(Op(0, 1, Get, 1), Op(2, 2, Put, 1, Unknown)));
    }

    [Fact]
    public void A_refused_write_that_happened_all_the_same_is_found()
    {
        Assert.False(Check(Op(0, 1, Put, 1), Op(2, 3, Put, 2, ConditionFailed, KeyCondition.IfAbsent), Op(4, 5, Get, 2)));
        Assert.False(Check(Op(0, 1, Put, 2, ConditionFailed, KeyCondition.IfAbsent)));
    }

    [Fact]
    public void A_value_that_nobody_wrote_is_found() => Assert.False(Check(Op(0, 1, Put, 1), Op(2, 3, Get, 7)));

    [Fact]
    public void Versions_come_back_under_a_deleted_marker_and_nowhere_else()
    {
        KeyOperation[] two = [Op(0, 1, Put, 1), Op(2, 3, Put, 2)];
        Assert.True(Versioned([.. two, Op(4, 5, DeleteVersion, 2), Op(6, 7, Get, 1)]));
        Assert.False(Versioned([.. two, Op(4, 5, DeleteVersion, 2), Op(6, 7, Get, 0, Missing)]));
        Assert.True(Versioned([.. two, Op(4, 5, Delete, 3), Op(6, 7, Get, 0, Missing), Op(8, 9, GetVersion, 2)]));
        Assert.True(Versioned([.. two, Op(4, 5, Delete, 3), Op(6, 7, DeleteVersion, 3), Op(8, 9, Get, 2)]));
        Assert.False(Versioned([.. two, Op(4, 5, Delete, 3), Op(6, 7, GetVersion, 2, Missing)]));
        Assert.False(Versioned([.. two, Op(4, 5, DeleteVersion, 1), Op(6, 7, GetVersion, 1)]));
        Assert.False(Check([.. two, Op(4, 5, Delete, 3), Op(6, 7, GetVersion, 2)]));
    }

    [Fact]
    public void The_verdict_names_what_does_not_follow()
    {
        var stale = Op(4, 5, Get, 1);
        var verdict = LinearizabilityChecker.Check([Op(0, 1, Put, 1), Op(2, 3, Put, 2), stale]);
        Assert.Equal([stale], verdict.Unexplained);
        Assert.Contains("NOT LINEARIZABLE", verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_that_is_given_up_is_not_called_linearizable() =>
        Assert.Null(LinearizabilityChecker.Check([Op(0, 1, Put, 1), Op(2, 3, Put, 2), Op(4, 5, Get, 2)], maxSteps: 2).IsLinearizable);

    private static KeyOperation Op(long began, long ended, KeyAction action, long value, KeyResult result = Done, KeyCondition condition = default) =>
        new(0, began, ended, action, value, result, condition);

    private static bool? Check(params KeyOperation[] history) => LinearizabilityChecker.Check(history).IsLinearizable;

    private static bool? Versioned(params KeyOperation[] history) => LinearizabilityChecker.Check(history, versioned: true).IsLinearizable;
}
