using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>What is kept as JSON text: it is written with a version and read with it, never searched.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FileProperties))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(UploadResult))]
internal sealed partial class Documents : JsonSerializerContext
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    public static string Write(FileProperties properties) => JsonSerializer.Serialize(properties, Default.FileProperties);

    public static FileProperties ReadProperties(string json)
    {
        var read = JsonSerializer.Deserialize(json, Default.FileProperties) ?? Model.FileProperties.Empty;
        // The generated reader leaves members null that an older release did not write yet.
        return read with { Owner = read.Owner ?? "root", UserMetadata = read.UserMetadata ?? None, Internal = read.Internal ?? None };
    }

    public static string Write(IReadOnlyDictionary<string, string> tags) =>
        tags.Count == 0 ? "{}" : JsonSerializer.Serialize(tags, Default.IReadOnlyDictionaryStringString);

    public static IReadOnlyDictionary<string, string> ReadTags(string json) =>
        json == "{}" ? None : JsonSerializer.Deserialize(json, Default.IReadOnlyDictionaryStringString) ?? None;

    public static string Write(UploadResult result) => JsonSerializer.Serialize(result, Default.UploadResult);

    public static UploadResult ReadResult(string json) =>
        JsonSerializer.Deserialize(json, Default.UploadResult) ?? throw new InvalidDataException("An upload's result is empty.");
}

/// <summary>What CompleteMultipartUpload answered, kept so that a retry gets the same.</summary>
internal sealed record UploadResult(long Version, bool IsNull, long Size, string ETag, long LastModified, int PartCount, string Properties);
