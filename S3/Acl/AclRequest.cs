namespace OrleansDfs.S3;

/// <summary>The ACL that a request asks for, in one of the three ways; grantees are as the client named them.</summary>
/// <param name="Canned">Depends on who will own what it is about.</param>
/// <param name="Grants">The exact list, where <paramref name="Canned"/> is <c>null</c>.</param>
/// <param name="Owner">Of a document: the owner that it states.</param>
public sealed record AclRequest(CannedAcl? Canned, IReadOnlyList<Grant> Grants, string? Owner = null)
{
    /// <summary>The headers of a request that makes a bucket or object; <c>null</c> where it has none of them.</summary>
    /// <param name="ofObject">Canned ACLs of buckets only are refused.</param>
    /// <exception cref="S3Exception">InvalidRequest for two ways at once; InvalidArgument, MalformedACLError.</exception>
    public static AclRequest? Read(RequestHeaders headers, bool ofObject)
    {
        var canned = CannedAcls.Read(headers);
        if (ofObject && canned == CannedAcl.LogDeliveryWrite) throw CannedAcls.Unknown("log-delivery-write");
        if (!GrantHeaders.Any(headers)) return canned is null ? null : new AclRequest(canned, []);
        if (canned is not null) throw new S3Exception(ErrorCode.InvalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed");
        return new AclRequest(null, GrantHeaders.Read(headers));
    }

    /// <summary>PutBucketAcl and PutObjectAcl, where exactly one way must be taken.</summary>
    /// <exception cref="S3Exception">As <see cref="Read"/>; UnexpectedContent for a body beside headers; MissingSecurityHeader for neither;
    /// MalformedACLError.</exception>
    public static AclRequest Read(RequestHeaders headers, ReadOnlySpan<byte> body, bool ofObject)
    {
        if (Read(headers, ofObject) is { } byHeaders) return body.IsEmpty ? byHeaders : throw new S3Exception(ErrorCode.UnexpectedContent);
        if (body.IsEmpty) throw new S3Exception(ErrorCode.MissingSecurityHeader, null, ("MissingHeaderName", "x-amz-acl"));
        var document = AccessControlDocument.Parse(body);
        return new AclRequest(null, document.Grants, document.Owner);
    }
}
