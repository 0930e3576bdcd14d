using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Lifecycle;

/// <summary>What a pass has done so far.</summary>
/// <param name="Expired">Current versions.</param>
/// <param name="Noncurrent">Noncurrent versions.</param>
/// <param name="Markers">Delete markers that stood alone.</param>
/// <param name="Uploads">Uploads that nobody completed.</param>
/// <param name="Left">What had changed since it was looked at, or is locked.</param>
public readonly record struct LifecycleTotals(long Expired, long Noncurrent, long Markers, long Uploads, long Left)
{
    [JsonIgnore]
    public bool IsNone => this == default;

    public static LifecycleTotals operator +(LifecycleTotals a, LifecycleTotals b) =>
        new(a.Expired + b.Expired, a.Noncurrent + b.Noncurrent, a.Markers + b.Markers, a.Uploads + b.Uploads, a.Left + b.Left);
}

/// <summary>Where a pass over a bucket goes on: small, whatever the bucket holds. Kept as text with the pass.</summary>
/// <param name="InUploads">The versions are done, the uploads are on.</param>
/// <param name="Prefix">Index of the key range.</param>
/// <param name="Key">The last key seen in it; "" for none.</param>
/// <param name="Version">The last version seen of that key.</param>
/// <param name="Modified">When that version was written: since then the next one below it is noncurrent.</param>
/// <param name="NewerNoncurrent">How many noncurrent versions of that key lie above the next one.</param>
/// <param name="Upload">The last upload seen of that key.</param>
/// <param name="Totals">What the pass has done.</param>
public sealed record LifecycleCursor(
    bool InUploads, int Prefix, string Key, long? Version, DateTimeOffset Modified, int NewerNoncurrent, string? Upload, LifecycleTotals Totals)
{
    public static readonly LifecycleCursor Start = new(false, 0, "", null, default, 0, null, default);

    [JsonIgnore]
    public VersionId? AfterVersion => Version is { } version ? new VersionId(version) : null;

    [JsonIgnore]
    public UploadId? AfterUpload => UploadId.TryParse(Upload, out var upload) ? upload : null;

    public string ToText() => JsonSerializer.Serialize(this);

    public static LifecycleCursor Parse(string text) => JsonSerializer.Deserialize<LifecycleCursor>(text) ?? Start;

    /// <summary>The next key range, or the uploads after the last.</summary>
    public LifecycleCursor NextRange() => Start with { InUploads = InUploads, Prefix = Prefix + 1, Totals = Totals };

    public LifecycleCursor ToUploads() => Start with { InUploads = true, Totals = Totals };

    public LifecycleCursor Past(LifecycleRow row)
    {
        var above = row.Key.Value == Key ? NewerNoncurrent : 0;
        return this with
        {
            Key = row.Key.Value,
            Version = row.Version.Value,
            Modified = row.LastModified,
            NewerNoncurrent = row.IsCurrent ? above : above + 1,
        };
    }

    public LifecycleCursor Past(UploadInfo upload) => this with { Key = upload.Key.Value, Upload = upload.Upload.ToString() };
}
