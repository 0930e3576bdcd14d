using System.Buffers;
using System.Text;
using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetObjectAcl. With ACLs off, everything in the bucket is its owner's.</summary>
static class GetObjectAcl
{
    public static async Task Handle(S3Request request)
    {
        var version = await OpenedFile.Look(request, hidesMarker: true);
        var (owner, list) = BucketOwnership.AllowsAcls(request.Bucket)
            ? (version.Properties.Owner, ObjectAcl.Of(version))
            : (request.Bucket.Owner, AccessControlList.Private(request.Bucket.Owner));
        request.Xml(output => AccessControlDocument.Write(output, owner, list));
    }
}

/// <summary>PutObjectAcl: of one version; its revision rises (P20), its owner stays.</summary>
static class PutObjectAcl
{
    public static async Task Handle(S3Request request)
    {
        var selector = request.Version; // a bad id is refused before the body is taken
        var body = await request.ReadDocument(AccessControlDocument.MaxBytes);
        var asked = AclRequest.Read(request.Headers, body, ofObject: true);
        asked = await request.ResolveGrantees(asked, asked.Owner);
        await OpenedFile.Change(
            request, selector, opens: true, (bucket, version) => new ChangeFile(bucket.Ref, selector, Acl: Document(asked, bucket, version!)));
        request.Empty();
    }

    static string Document(AclRequest asked, BucketInfo bucket, FileVersion version)
    {
        AclRules.CheckSupported(bucket, asked);
        var owner = version.Properties.Owner;
        var shown = BucketOwnership.AllowsAcls(bucket) ? owner : bucket.Owner;
        if (asked.Owner is { } named && named != shown) throw new S3Exception(ErrorCode.AccessDenied); // an object's owner never changes
        var list = asked.Canned?.OnObject(owner, bucket.Owner) ?? new AccessControlList(asked.Grants);
        AclRules.CheckPublic(bucket, list);
        var document = new ArrayBufferWriter<byte>();
        AccessControlDocument.Write(document, owner, list);
        return Encoding.UTF8.GetString(document.WrittenSpan);
    }
}
