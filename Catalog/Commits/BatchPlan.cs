using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Commits;

/// <summary>A part of a new multipart version.</summary>
internal sealed record NewPart(KeyId Key, long Version, int Number, Guid? Blob, long Size, string ETag, Checksum? Checksum, long PayloadOffset);

/// <summary>A new version: what its row needs beyond what readers see.</summary>
internal sealed record NewVersion(VersionRow Row, FileProperties Properties, AttemptId Attempt);

/// <summary>
/// The changes that a batch makes, and the rules of versioning that lead to them; no statements here. All under the locks of
/// <see cref="BatchState"/>. Two invariants
/// are kept: the current version of a key is the one with the highest id, and a key has at most one null version.
/// </summary>
internal sealed class BatchPlan(BatchState state)
{
    private int _drawn;

    public List<NewVersion> Added { get; } = [];
    public List<WrittenBlob> Fresh { get; } = [];
    public List<NewPart> AddedParts { get; } = [];

    /// <summary>Versions that stay, no longer current.</summary>
    public List<VersionRow> Demoted { get; } = [];
    public List<VersionRow> Promoted { get; } = [];
    public List<VersionRow> Removed { get; } = [];

    /// <summary>Copies of multipart versions: the parts of the source under the new version.</summary>
    public List<(VersionRow Source, VersionRow Copy)> CopiedParts { get; } = [];
    public HashSet<KeyId> ChangedKeys { get; } = [];
    public List<(Guid Upload, UploadResult Result)> CompletedUploads { get; } = [];

    /// <summary>By blob: how many references come or go.</summary>
    public Dictionary<Guid, int> References { get; } = [];

    /// <summary>By bucket: visible files, versions and bytes more or less.</summary>
    public Dictionary<long, (long Files, long Versions, long Bytes)> Usage { get; } = [];

    public void Refer(Guid? blob, int delta)
    {
        if (blob is { } id) References[id] = References.GetValueOrDefault(id) + delta;
    }

    /// <summary>
    /// Puts a version on top of the key. In a bucket that is not <see cref="Versioning.Enabled"/> it is the null version and takes the place of the
    /// former one; what
    /// else was current stays below it. <paramref name="row"/>'s id, time and flags are set here.
    /// </summary>
    public VersionRow Add(FileWrite write, VersionRow row, FileProperties properties)
    {
        var key = state.Keys[write.Key];
        var isNull = state.Buckets[write.Bucket.Id].Versioning != Versioning.Enabled;
        var before = key.CurrentRow;
        if (properties.DefaultRetention is { } period)
        {
            var until = MicrosecondClock.FromMicroseconds(state.Now).AddDays(period.Days);
            properties = properties with { Retention = properties.Retention ?? new Retention(period.Mode, until), DefaultRetention = null };
        }
        row = row with
        {
            Key = write.Key,
            Version = Math.Max(state.Drawn[_drawn++], key.Last + 1), // P15: also where sessions cache numbers of a sequence
            Revision = 1,
            IsNull = isNull,
            IsCurrent = true,
            LastModified = Math.Max(state.Now, before?.LastModified ?? 0), // never before the version below
            Properties = Documents.Write(properties),
        };
        if (before is { IsDeleteMarker: false }) Count(write.Key, -1, 0, 0);
        if (!row.IsDeleteMarker) Count(write.Key, 1, 1, row.Size);
        if (isNull && key.Null != 0) Drop(key.Versions[key.Null]);
        if (before is not null && !(isNull && before.IsNull)) Demoted.Add(before);

        key.Last = key.Current = row.Version;
        if (isNull) key.Null = row.Version;
        ChangedKeys.Add(write.Key);
        Added.Add(new NewVersion(row, properties, write.Attempt));
        return row;
    }

    /// <summary>Takes one version away for ever; if it was the current one, the next older one becomes current.</summary>
    public void Remove(KeyId id, VersionRow row)
    {
        var key = state.Keys[id];
        Drop(row);
        if (row.IsNull) key.Null = 0;
        if (row.Version == key.Current)
        {
            if (!row.IsDeleteMarker) Count(id, -1, 0, 0);
            key.Current = key.BeforeCurrent;
            if (key.CurrentRow is { } next)
            {
                Promoted.Add(next);
                if (!next.IsDeleteMarker) Count(id, 1, 0, 0);
            }
        }
        ChangedKeys.Add(id);
    }

    public KeyState Key(KeyId id) => state.Keys[id];

    private void Drop(VersionRow row)
    {
        Removed.Add(row);
        Refer(row.Blob, -1);
        if (!row.IsDeleteMarker) Count(row.Key, 0, -1, -row.Size);
    }

    private void Count(KeyId key, long files, long versions, long bytes)
    {
        var usage = Usage.GetValueOrDefault(key.Bucket);
        Usage[key.Bucket] = (usage.Files + files, usage.Versions + versions, usage.Bytes + bytes);
    }
}
