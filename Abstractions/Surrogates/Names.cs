using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

// Model knows nothing of Orleans; each of its types that travels in a message has its surrogate here.

[GenerateSerializer, Immutable, Alias("dfs.bucket-name")]
internal struct BucketNameSurrogate
{
    [Id(0)] public string Value;
}

[RegisterConverter]
internal sealed class BucketNameConverter : IConverter<BucketName, BucketNameSurrogate>
{
    public BucketName ConvertFromSurrogate(in BucketNameSurrogate surrogate) =>
        string.IsNullOrEmpty(surrogate.Value) ? default : BucketName.Parse(surrogate.Value);

    public BucketNameSurrogate ConvertToSurrogate(in BucketName value) => new() { Value = value.ToString() };
}

[GenerateSerializer, Immutable, Alias("dfs.object-key")]
internal struct ObjectKeySurrogate
{
    [Id(0)] public string Value;
}

[RegisterConverter]
internal sealed class ObjectKeyConverter : IConverter<ObjectKey, ObjectKeySurrogate>
{
    public ObjectKey ConvertFromSurrogate(in ObjectKeySurrogate surrogate) =>
        string.IsNullOrEmpty(surrogate.Value) ? default : ObjectKey.Parse(surrogate.Value);

    public ObjectKeySurrogate ConvertToSurrogate(in ObjectKey value) => new() { Value = value.ToString() };
}
