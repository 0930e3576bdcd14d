using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>What is asked of a bucket or of a file in it, and by whom: the one thing that <see cref="Authorization"/> judges.</summary>
/// <param name="Key">The file; <c>null</c> for the bucket itself.</param>
/// <param name="Version">The version id as the client wrote it; <c>null</c> for the current one.</param>
sealed record AccessRequest(Identity Identity, RequestFacts Facts, Operation Operation, ObjectKey? Key, string? Version)
{
    static readonly Operation _deleteObjects = OperationTable.Named("DeleteObjects");
    static readonly Operation _list = OperationTable.Named("ListObjectsV2");
    static readonly Operation _read = OperationTable.Named("GetObject");
    static readonly Operation _delete = OperationTable.Named("DeleteObject");

    /// <summary>The bucket's first look at a DeleteObjects request, whose keys are in a body not read yet.</summary>
    public bool NamesKeysLater => Operation == _deleteObjects && Key is null;

    /// <summary>What it opens it is going to read, so that it needs to know where the bytes are. A HEAD does not.</summary>
    public bool ReadsBytes => Operation == _read;

    /// <summary>It writes a new version, whose ACL, tags and locks may come with it.</summary>
    public bool MakesVersion => Operation.Name is "PutObject" or "PostObject" or "CopyObject" or "CreateMultipartUpload";

    /// <summary>May this caller see which keys there are?</summary>
    public AccessRequest ToList() => this with { Operation = _list, Key = null, Version = null };

    /// <summary>The read that a copy makes of its source.</summary>
    public AccessRequest ToRead(CopySource source) =>
        this with { Operation = _read, Key = source.Key, Version = source.Version.IsNull ? "null" : source.Version.Id?.ToString() };

    /// <summary>The look at the file that a condition on its ETag is.</summary>
    public AccessRequest ToRead() => this with { Operation = _read };

    /// <summary>One key of DeleteObjects.</summary>
    public AccessRequest ToDelete(ObjectKey key, string? version) => this with { Operation = _delete, Key = key, Version = version };

    /// <summary>
    /// Every action that must be allowed, all of them, for this to be done (AWS, "Required permissions for Amazon S3 API operations").
    /// </summary>
    public IReadOnlyList<string> Actions()
    {
        var name = Operation.Name;
        var action = Operation.IamAction;
        var actions = new List<string>(2) { Version is null ? action : OfVersion(action) };
        if (name == "GetObjectAttributes") actions.Add(Version is null ? "s3:GetObject" : "s3:GetObjectVersion");
        if (MakesVersion)
        {
            foreach (var (header, _) in Facts.Headers.Lines)
                if (NeededFor(header) is { } needed && !actions.Contains(needed)) actions.Add(needed);
        }
        // A condition on an ETag tells what is there (AWS, "Conditional requests": If-Match needs s3:GetObject as well, but for deletes with "*").
        if (Facts.Headers["If-Match"] is { } match && (action == "s3:PutObject" || (action == "s3:DeleteObject" && match.Trim() != "*")))
            actions.Add("s3:GetObject");
        if (action is "s3:DeleteObject" or "s3:PutObjectRetention" && ObjectLock.ReadBypass(Facts.Headers))
            actions.Add("s3:BypassGovernanceRetention");
        return actions;
    }

    static string OfVersion(string action) => action switch
    {
        "s3:GetObject" or "s3:GetObjectAcl" or "s3:GetObjectTagging" or "s3:GetObjectAttributes" or "s3:GetObjectTorrent" or "s3:PutObjectAcl"
            or "s3:PutObjectTagging" or "s3:DeleteObject" or "s3:DeleteObjectTagging" =>
                action.Replace("Object", "ObjectVersion", StringComparison.Ordinal),
        _ => action,
    };

    static string? NeededFor(string header) => header.ToLowerInvariant() switch
    {
        "x-amz-acl" or "x-amz-grant-read" or "x-amz-grant-write" or "x-amz-grant-read-acp" or "x-amz-grant-write-acp" or "x-amz-grant-full-control" =>
            "s3:PutObjectAcl",
        "x-amz-tagging" => "s3:PutObjectTagging",
        "x-amz-object-lock-mode" or "x-amz-object-lock-retain-until-date" => "s3:PutObjectRetention",
        "x-amz-object-lock-legal-hold" => "s3:PutObjectLegalHold",
        _ => null,
    };
}
