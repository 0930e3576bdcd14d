namespace OrleansDfs.Model;

/// <summary>
/// What a client says about a file and S3 gives back: system headers, user metadata, owner. Immutable with the version.
/// </summary>
public sealed record FileProperties
{
    public static readonly FileProperties Empty = new();

    public string? ContentType { get; init; }
    public string? CacheControl { get; init; }
    public string? ContentDisposition { get; init; }
    public string? ContentEncoding { get; init; }
    public string? ContentLanguage { get; init; }
    public string? Expires { get; init; }
    public string? WebsiteRedirect { get; init; }
    public string? StorageClass { get; init; }

    /// <summary>Name of the user that owns the file.</summary>
    public string Owner { get; init; } = "root";

    /// <summary>User metadata: names without <c>x-amz-meta-</c>, lower case.</summary>
    public IReadOnlyDictionary<string, string> UserMetadata { get; init; } = new Dictionary<string, string>();

    public Checksum? Checksum { get; init; }

    /// <summary>Until when this version may not be deleted (S3 Object Lock); changes later, by its own rules.</summary>
    public Retention? Retention { get; init; }

    /// <summary>It may not be deleted while this is on; <c>null</c>: it was never said.</summary>
    public bool? LegalHold { get; init; }

    /// <summary>The bucket's default, for a version that says nothing itself. Never stored with a version: the commit turns it into a date.</summary>
    public RetentionPeriod? DefaultRetention { get; init; }

    /// <summary>How the bytes are encrypted; <c>null</c>: they are stored as they are.</summary>
    public Encryption? Encryption { get; init; }

    /// <summary>
    /// Room for what later stages keep with a version (encryption envelope, ACL grants), by name; never set by a client header directly.
    /// </summary>
    public IReadOnlyDictionary<string, string> Internal { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Where <see cref="Internal"/> keeps the ACL: a document that only the gateway reads. None: the owner has full control, nobody else anything.
    /// </summary>
    public const string AclName = "acl";

    /// <summary>The same with another ACL, or none.</summary>
    public FileProperties WithAcl(string? acl)
    {
        if (Internal.GetValueOrDefault(AclName) == acl) return this;
        var changed = new Dictionary<string, string>(Internal);
        if (acl is null) changed.Remove(AclName);
        else changed[AclName] = acl;
        return this with { Internal = changed };
    }
}

/// <summary>Modes of S3 Object Lock. Values are stored.</summary>
public enum RetentionMode
{
    /// <summary>Who may bypass governance can shorten it and delete the version.</summary>
    Governance = 1,

    /// <summary>Nobody can shorten it or delete the version, root included.</summary>
    Compliance = 2,
}

/// <summary>A version is kept until a time of the database's clock.</summary>
public sealed record Retention(RetentionMode Mode, DateTimeOffset Until)
{
    /// <summary>
    /// AWS, "How S3 Object Lock works": a longer time of the same mode is always allowed; all else is not while it runs, in compliance mode for
    /// anybody, in governance mode
    /// for those who do not bypass it.
    /// </summary>
    public bool MayBecome(Retention? next, DateTimeOffset now, bool bypass) =>
        Until <= now || (next is not null && next.Mode == Mode && next.Until >= Until) || (Mode == RetentionMode.Governance && bypass);
}

/// <summary>A bucket's default retention, counted from the commit by the database's clock.</summary>
/// <param name="Days">1 or more; a year is 365 days.</param>
public sealed record RetentionPeriod(RetentionMode Mode, int Days);

/// <summary>One part of a multipart version, as GetObject?partNumber and GetObjectAttributes need it.</summary>
public sealed record VersionPart(int Number, BlobId Blob, long Size, string ETag, Checksum? Checksum);

/// <summary>One immutable version of a file, or a delete marker.</summary>
/// <param name="Revision">Rises with every change of what may change (tags, retention); with Version it is what P20 confirms.</param>
/// <param name="IsNull">S3 shows its version id as <c>null</c>: written while the bucket was not versioned.</param>
/// <param name="ETag">Without quotes. MD5 hex, or <c>md5(md5s)-N</c>.</param>
/// <param name="PartCount">Parts of a multipart upload; 0 for a plain PUT.</param>
/// <param name="Tags">Object tags.</param>
public sealed record FileVersion(
    long BucketId,
    ObjectKey Key,
    VersionId Version,
    long Revision,
    bool IsNull,
    bool IsCurrent,
    bool IsDeleteMarker,
    long Size,
    string ETag,
    DateTimeOffset LastModified,
    int PartCount,
    FileProperties Properties,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>A slice of a version's manifest: its extents from payload offset <paramref name="Offset"/> on.</summary>
/// <param name="Offset">Payload offset in the file of the first extent here.</param>
/// <param name="Complete">Nothing follows these extents.</param>
/// <param name="Locations">Live replicas of every chunk that these extents name.</param>
public sealed record ManifestPage(long Offset, IReadOnlyList<Extent> Extents, bool Complete, IReadOnlyList<ChunkLocation> Locations)
{
    /// <summary>
    /// All pages of the first extent, as one replica has them, where they came along: with their checksums, which nobody has looked at (P22: who
    /// reads verifies).
    /// </summary>
    public byte[]? Pages { get; init; }
}

/// <summary>What a writer did: bytes that are durable on every replica but not yet visible.</summary>
public sealed record WrittenBlob(BlobId Blob, long Length, IReadOnlyList<Extent> Extents);

/// <summary>
/// Conditions of a write, judged on the key's current version as locked (PROTOCOL P15). <c>null</c> means not asked.
/// </summary>
/// <param name="IfMatch">ETag without quotes, or <c>*</c>.</param>
/// <param name="IfNoneMatch">ETag without quotes, or <c>*</c>.</param>
public sealed record WritePrecondition(string? IfMatch, string? IfNoneMatch)
{
    public static readonly WritePrecondition None = new(null, null);

    /// <summary>AWS, "Conditional writes": If-Match on a missing key (or delete marker) is 404, a mismatch 412.</summary>
    public PreconditionOutcome Judge(string? currentETag)
    {
        if (IfMatch is not null)
        {
            if (currentETag is null) return PreconditionOutcome.NoSuchKey;
            if (IfMatch != "*" && IfMatch != currentETag) return PreconditionOutcome.Failed;
        }
        if (IfNoneMatch is not null && currentETag is not null && (IfNoneMatch == "*" || IfNoneMatch == currentETag))
            return PreconditionOutcome.Failed;
        return PreconditionOutcome.Holds;
    }
}

public enum PreconditionOutcome
{
    Holds,
    Failed,
    NoSuchKey,
}
