using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Lifecycle;

/// <summary>A version that a rule wants gone.</summary>
public readonly record struct LifecycleCandidate(LifecycleRow Row, LifecycleVerdict Verdict)
{
    /// <summary>The delete, with what it stands on: judged again under the key's lock.</summary>
    public DeleteRequest Delete(BucketRef bucket)
    {
        var seen = new SeenVersion(Row.Version, Row.Revision, Row.IsCurrent);
        var exactly = new VersionSelection(Row.Version, false);
        var (version, stands) = Verdict.Action switch
        {
            LifecycleAction.Expire => (VersionSelection.Current, seen),
            LifecycleAction.RemoveNoncurrent when Verdict.Keep > 0 => (exactly, seen with { Newer = Verdict.Keep + 1 }), // and the current one
            LifecycleAction.RemoveNoncurrent => (exactly, seen),
            LifecycleAction.RemoveMarker => (exactly, seen with { Alone = true }),
            _ => throw new InvalidOperationException($"No delete for {Verdict.Action}."),
        };
        return new DeleteRequest(bucket, Row.Key, AttemptId.New(), version, null, stands);
    }
}

/// <summary>Goes through a page of versions, newest first within a key, and finds what is due. Knows nothing of where the page comes from.</summary>
public static class LifecycleWalk
{
    /// <param name="rows">In order, from behind <paramref name="cursor"/> on.</param>
    /// <param name="isLast">No row follows these.</param>
    /// <param name="cursor">Where the page begins.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="now">The present.</param>
    /// <returns>What is due, and where the next page begins. A delete marker at the end of a page is left to the next one, which shows whether it
    /// stands alone; a page of two rows or more always goes on.</returns>
    public static (List<LifecycleCandidate> Due, LifecycleCursor Next) Through(
        IReadOnlyList<LifecycleRow> rows, bool isLast, LifecycleCursor cursor, LifecycleEvaluation rules, DateTimeOffset now)
    {
        var due = new List<LifecycleCandidate>();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var hasNext = i + 1 < rows.Count;
            if (row is { IsCurrent: true, IsDeleteMarker: true } && !hasNext && !isLast && i > 0) break;
            var isOfSameKey = cursor.Key == row.Key.Value;
            var file = new LifecycleFile(row.Key.Value, row.Size, row.IsDeleteMarker, row.Tags);
            var isAlone = row.IsCurrent && !isOfSameKey && (!hasNext || rows[i + 1].Key != row.Key);
            DateTimeOffset? since = row.IsCurrent ? null : isOfSameKey ? cursor.Modified : now; // no successor seen: it went just now
            var version = new LifecycleVersion(file, row.LastModified, isAlone, since, isOfSameKey ? cursor.NewerNoncurrent : 0);
            if (rules.Judge(version, now) is { } verdict) due.Add(new LifecycleCandidate(row, verdict));
            cursor = cursor.Past(row);
        }
        return (due, cursor);
    }
}
