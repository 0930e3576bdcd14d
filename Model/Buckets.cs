namespace OrleansDfs.Model;

public enum Versioning
{
    Unversioned = 0,
    Enabled = 1,
    Suspended = 2,
}

/// <summary>A bucket and all its settings.</summary>
/// <param name="Id">From the catalog's sequence; a bucket made again under the same name has another.</param>
/// <param name="Revision">Rises with every change of a setting; every file call carries it (DESIGN §9).</param>
/// <param name="Owner">Name of the user that owns it.</param>
/// <param name="Settings">Documents by subresource name (<c>policy</c>, <c>cors</c>, <c>ownershipControls</c>, <c>publicAccessBlock</c>, ...), as
/// they were put.</param>
public sealed record BucketInfo(
    long Id,
    BucketName Name,
    long Revision,
    string Owner,
    string Region,
    DateTimeOffset Created,
    Versioning Versioning,
    bool ObjectLock,
    IReadOnlyDictionary<string, string> Settings)
{
    public BucketRef Ref => new(Id, Revision);
}

/// <summary>The bucket as a caller authorised against it; a silo answers "bucket changed" when this is not the current one.</summary>
public readonly record struct BucketRef(long Id, long Revision);
