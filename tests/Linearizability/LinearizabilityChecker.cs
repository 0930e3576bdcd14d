namespace OrleansDfs.Linearizability;

/// <summary>
/// Decides whether one key's history could come from a key that does one operation at a time, each at some moment between its beginning and its end
/// (Wing and Gong's search with Lowe's memory of what was tried).
/// </summary>
/// <remarks>
/// Operations of unknown outcome have no end: they may come at any later time or never, so each could double the search. Three rules keep them
/// cheap without losing an explanation. They are tried after everything else, and only directly before an operation that needs them: if the next
/// one could have happened without it, the unknown one can come after that one or, where that one overwrites it, never. Those that nothing still to
/// come can tell apart are taken in the order of their beginnings (<see cref="NamedValues"/>). And what failed with some of them spent fails with
/// more of them spent.
/// </remarks>
public sealed class LinearizabilityChecker
{
    private readonly Timeline _finished;
    private readonly NamedValues _names;
    private readonly UnknownOperations _unknown;
    private readonly bool _versioned;
    private readonly long _maxSteps;
    private readonly Stack<Choice> _choices = new();
    private readonly Dictionary<(UInt128 Finished, ulong State, ulong Debt), List<ulong[]>> _tried = [];
    private List<KeyOperation> _longest = [];

    private LinearizabilityChecker(List<KeyOperation> operations, bool versioned, long maxSteps)
    {
        _finished = new Timeline(operations.Where(o => o.Result != KeyResult.Unknown));
        _names = new NamedValues(operations, versioned);
        _unknown = new UnknownOperations(operations, _names);
        _versioned = versioned;
        _maxSteps = maxSteps;
    }

    /// <param name="history">All operations on one key, in any order. Reads of unknown outcome say nothing and are left out.</param>
    /// <param name="versioned">Whether the key's bucket kept versions all the time.</param>
    /// <param name="maxSteps">Where to give up: the search is exponential at worst; hundreds of operations usually take some thousand steps.</param>
    public static Verdict Check(IEnumerable<KeyOperation> history, bool versioned = false, long maxSteps = 5_000_000)
    {
        var said = history.Where(o => !(o.IsRead && o.Result == KeyResult.Unknown)).OrderBy(o => o.Began).ToList();
        if (said.Find(o => o.Value < 1 && o.Result != KeyResult.Missing && !(o.Action == KeyAction.Delete && !versioned)) is { } bad)
            throw new ArgumentException($"A value must be 1 or more: {bad}", nameof(history));
        // Without the unknown operations of which nothing is seen. An explanation that does without them is one; and on a stack, where a write hides
        // nothing for ever, each of them would double what is tried before a wrong turn is taken back.
        if (versioned && new LinearizabilityChecker(Seen(said), versioned, maxSteps).Search() is { IsLinearizable: true } verdict) return verdict;
        return new LinearizabilityChecker(said, versioned, maxSteps).Search();
    }

    private static List<KeyOperation> Seen(List<KeyOperation> operations)
    {
        var there = operations.Where(o => o is { IsRead: true, Result: KeyResult.Done }).Select(o => o.Value).ToHashSet();
        var gone = operations.Where(o => o is { Action: KeyAction.GetVersion, Result: KeyResult.Missing }).Select(o => o.Value).ToHashSet();
        return operations.FindAll(o => o.Result != KeyResult.Unknown || (o.Action == KeyAction.DeleteVersion ? gone : there).Contains(o.Value));
    }

    private Verdict Search()
    {
        var state = KeyState.Empty;
        var left = _finished.Count;
        UInt128 done = 0;
        var steps = 0L;
        var entry = _finished.First;
        var unknown = 0;
        while (left > 0)
        {
            if (++steps > _maxSteps) return Failed(null, steps);
            if (entry is { IsEnd: false })
            {
                if (Next(state, entry.Operation) is { } next
                    && IsNew(entry.Operation, done ^ entry.Mark, state, next, _unknown.Spent))
                {
                    Choose(new Choice(entry, -1, entry.Operation, state));
                    (state, done, left) = (next, done ^ entry.Mark, left - 1);
                    entry.Lift();
                    (entry, unknown) = (_finished.First, 0);
                }
                else
                {
                    entry = entry.Next;
                }
                continue;
            }

            // The first end bounds what can come next: all that began after it comes after it.
            if (unknown < _unknown.Count && (entry is null || _unknown[unknown].Began <= entry.Time))
            {
                if (_unknown.MayTake(unknown) && Next(state, _unknown[unknown]) is { } next
                    && IsNew(_unknown[unknown], done, state, next, _unknown.SpentWith(unknown)))
                {
                    Choose(new Choice(null, unknown, _unknown[unknown], state));
                    state = next;
                    _unknown.Take(unknown);
                    (entry, unknown) = (_finished.First, 0);
                }
                else
                {
                    unknown++;
                }
                continue;
            }

            // Nothing explains what has to come next: the last choice was wrong.
            if (!_choices.TryPop(out var last)) return Failed(false, steps);
            state = last.Before;
            _names.GiveBack(last.Operation);
            if (last.Entry is { } finished)
            {
                (done, left) = (done ^ finished.Mark, left + 1);
                finished.Unlift();
                (entry, unknown) = (finished.Next, 0);
            }
            else
            {
                _unknown.GiveBack(last.Unknown);
                (entry, unknown) = (_finished.FirstEnd, last.Unknown + 1);
            }
        }
        return new Verdict(true, Order(), [], steps);
    }

    /// <summary>The state after the operation; <c>null</c> where it cannot come now, or need not come now.</summary>
    private KeyState? Next(KeyState state, KeyOperation operation)
    {
        if (state.After(operation, _versioned) is not { } next) return null;
        if (!_choices.TryPeek(out var last) || last.Operation.Result != KeyResult.Unknown) return next;
        // On a stack of versions a write keeps what is below it, so there it may follow whatever came before.
        if (_versioned && !operation.IsRead && operation.Result != KeyResult.ConditionFailed) return next;
        return last.Before.After(operation, _versioned) is null ? next : null;
    }

    /// <summary>
    /// Takes the operation and remembers the place behind it, unless that was reached before with no more of the unknown operations spent. Behind an
    /// unknown operation only what needs it may follow, so there the state before it is part of the place.
    /// </summary>
    private bool IsNew(KeyOperation operation, UInt128 done, KeyState before, KeyState state, ulong[] spent)
    {
        _names.Take(operation);
        var debt = operation.Result == KeyResult.Unknown ? before.Hash(_names) ^ (ulong)operation.Value << 1 | 1 : 0;
        if (Remember((done, state.Hash(_names), debt), spent)) return true;
        _names.GiveBack(operation);
        return false;
    }

    private bool Remember((UInt128 Finished, ulong State, ulong Debt) place, ulong[] spent)
    {
        if (!_tried.TryGetValue(place, out var before)) _tried[place] = before = [];
        if (before.Exists(b => UnknownOperations.IsSubset(b, spent))) return false;
        before.RemoveAll(b => UnknownOperations.IsSubset(spent, b));
        before.Add(spent);
        return true;
    }

    private void Choose(Choice choice)
    {
        _choices.Push(choice);
        if (_choices.Count > _longest.Count) _longest = Order();
    }

    private List<KeyOperation> Order() => [.. _choices.Reverse().Select(c => c.Operation)];

    private Verdict Failed(bool? verdict, long steps)
    {
        var explained = _longest.ToHashSet(ReferenceEqualityComparer.Instance);
        return new Verdict(verdict, _longest, [.. _finished.Operations.Where(o => !explained.Contains(o)).OrderBy(o => o.Ended)], steps);
    }

    /// <param name="Entry">A finished operation, or <c>null</c>.</param>
    /// <param name="Unknown">Else the index of an unknown one.</param>
    private readonly record struct Choice(Timeline.Entry? Entry, int Unknown, KeyOperation Operation, KeyState Before);
}
