using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansDfs.Model;

/// <summary>How a rule's filter was written, which is how it is shown again.</summary>
public enum LifecycleFilterForm
{
    /// <summary>One condition, or none, inside <c>Filter</c>.</summary>
    Filter = 0,

    /// <summary>Several, inside <c>Filter/And</c>.</summary>
    And = 1,

    /// <summary>The older form: a <c>Prefix</c> beside the actions.</summary>
    Prefix = 2,
}

/// <summary>Which files a rule is about: all conditions must hold.</summary>
/// <param name="Prefix"><c>null</c>: not given, as "" all keys.</param>
/// <param name="LargerThan">In bytes, exclusive.</param>
/// <param name="SmallerThan">In bytes, exclusive.</param>
public sealed record LifecycleFilter(
    LifecycleFilterForm Form, string? Prefix, IReadOnlyDictionary<string, string>? Tags, long? LargerThan, long? SmallerThan)
{
    /// <summary>A delete marker has neither tags nor a size, so no condition on these holds for it.</summary>
    public bool Matches(in LifecycleFile file)
    {
        if (!MatchesKey(file.Key)) return false;
        if (Tags is null or { Count: 0 } && LargerThan is null && SmallerThan is null) return true;
        if (file.IsDeleteMarker || file.Size <= (LargerThan ?? -1) || file.Size >= (SmallerThan ?? long.MaxValue)) return false;
        foreach (var (key, value) in Tags ?? LifecycleFile.NoTags)
            if (!file.Tags.TryGetValue(key, out var found) || found != value) return false;
        return true;
    }

    public bool MatchesKey(string key) => Prefix is null || key.StartsWith(Prefix, StringComparison.Ordinal);
}

/// <summary>What the conditions of a filter are judged on.</summary>
public readonly record struct LifecycleFile(string Key, long Size, bool IsDeleteMarker, IReadOnlyDictionary<string, string> Tags)
{
    internal static readonly IReadOnlyDictionary<string, string> NoTags = new Dictionary<string, string>();
}

/// <summary>One rule of a bucket's lifecycle, as validated. Counts of days are positive.</summary>
/// <param name="Id">Unique in its configuration; 1–255 characters.</param>
public sealed record LifecycleRule(string Id, bool Enabled, LifecycleFilter Filter)
{
    public int? ExpirationDays { get; init; }

    /// <summary>Midnight UTC.</summary>
    public DateTimeOffset? ExpirationDate { get; init; }

    /// <summary><c>null</c>: not given.</summary>
    public bool? ExpiredObjectDeleteMarker { get; init; }
    public int? NoncurrentDays { get; init; }

    /// <summary>So many noncurrent versions are kept whatever their age; 1–100.</summary>
    public int? NewerNoncurrentVersions { get; init; }
    public int? AbortUploadDays { get; init; }
}

/// <summary>
/// A bucket's lifecycle. It is kept among the bucket's settings as JSON: the gateway, which reads and writes S3's XML, and the silo, which executes
/// the rules, share this form and nothing else.
/// </summary>
/// <param name="TransitionMinimumSize">Value of <c>x-amz-transition-default-minimum-object-size</c>: kept and shown; no rule here has a
/// transition.</param>
public sealed record LifecycleConfiguration(IReadOnlyList<LifecycleRule> Rules, string TransitionMinimumSize)
{
    /// <summary>Name of the bucket's setting.</summary>
    public const string Setting = "lifecycle";

    /// <summary>AWS, "PutBucketLifecycleConfiguration".</summary>
    public const int MaxRules = 1000;

    public string ToJson() => JsonSerializer.Serialize(this, LifecycleJson.Default.LifecycleConfiguration);

    /// <exception cref="JsonException">It was not written by <see cref="ToJson"/>.</exception>
    public static LifecycleConfiguration FromJson(string json) =>
        JsonSerializer.Deserialize(json, LifecycleJson.Default.LifecycleConfiguration) ?? throw new JsonException("A lifecycle document is empty.");
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LifecycleConfiguration))]
internal sealed partial class LifecycleJson : JsonSerializerContext;
