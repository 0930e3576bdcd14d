using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Which version of a file a request means: the current one, the one called <c>null</c>, or one by id.</summary>
public readonly record struct VersionSelector(bool IsNull, VersionId? Id)
{
    public static readonly VersionSelector Current;

    public static readonly VersionSelector Null = new(true, null);

    public bool IsCurrent => !IsNull && Id is null;

    /// <summary>Reads a versionId parameter; <c>null</c> is the current version.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static VersionSelector Parse(string? text) => text switch
    {
        null => Current,
        "null" => Null,
        "" => throw S3Exception.InvalidArgument("Version id cannot be the empty string", "versionId", ""),
        _ when VersionId.TryParse(text, out var id) => new VersionSelector(false, id),
        _ => throw S3Exception.InvalidArgument("Invalid version id specified", "versionId", text),
    };

    /// <summary>What S3 shows: <c>null</c>, or the id.</summary>
    public static string Show(VersionId id, bool isNull) => isNull ? "null" : id.ToString();
}
