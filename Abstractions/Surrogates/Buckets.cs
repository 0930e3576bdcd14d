using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.bucket-ref")]
internal struct BucketRefSurrogate
{
    [Id(0)] public long Id;
    [Id(1)] public long Revision;
}

[RegisterConverter]
internal sealed class BucketRefConverter : IConverter<BucketRef, BucketRefSurrogate>
{
    public BucketRef ConvertFromSurrogate(in BucketRefSurrogate surrogate) => new(
        surrogate.Id,
        surrogate.Revision);

    public BucketRefSurrogate ConvertToSurrogate(in BucketRef value) => new()
    {
        Id = value.Id,
        Revision = value.Revision,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.bucket-info")]
internal struct BucketInfoSurrogate
{
    [Id(0)] public long Id;
    [Id(1)] public BucketName Name;
    [Id(2)] public long Revision;
    [Id(3)] public string Owner;
    [Id(4)] public string Region;
    [Id(5)] public DateTimeOffset Created;
    [Id(6)] public Versioning Versioning;
    [Id(7)] public bool ObjectLock;
    [Id(8)] public Dictionary<string, string> Settings;
}

[RegisterConverter]
internal sealed class BucketInfoConverter : IConverter<BucketInfo, BucketInfoSurrogate>
{
    public BucketInfo ConvertFromSurrogate(in BucketInfoSurrogate surrogate) => new(
        surrogate.Id,
        surrogate.Name,
        surrogate.Revision,
        surrogate.Owner,
        surrogate.Region,
        surrogate.Created,
        surrogate.Versioning,
        surrogate.ObjectLock,
        surrogate.Settings);

    public BucketInfoSurrogate ConvertToSurrogate(in BucketInfo value) => new()
    {
        Id = value.Id,
        Name = value.Name,
        Revision = value.Revision,
        Owner = value.Owner,
        Region = value.Region,
        Created = value.Created,
        Versioning = value.Versioning,
        ObjectLock = value.ObjectLock,
        Settings = Copies.Dictionary(value.Settings),
    };
}
