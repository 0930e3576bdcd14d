namespace OrleansDfs.S3;

/// <summary>
/// The headers <c>x-amz-grant-*</c>: grantees as <c>id=…</c>, <c>emailAddress=…</c> or <c>uri=…</c>, quoted or not, separated by commas.
/// </summary>
public static class GrantHeaders
{
    private static readonly (string Name, AclPermission Permission)[] Names =
    [
        ("x-amz-grant-full-control", AclPermission.FullControl), ("x-amz-grant-read", AclPermission.Read), ("x-amz-grant-write", AclPermission.Write),
        ("x-amz-grant-read-acp", AclPermission.ReadAcp), ("x-amz-grant-write-acp", AclPermission.WriteAcp),
    ];

    /// <summary>Any of them, empty ones too.</summary>
    public static bool Any(RequestHeaders headers) => Names.Any(name => headers.Contains(name.Name));

    /// <exception cref="S3Exception">InvalidArgument; MalformedACLError for too many.</exception>
    public static IReadOnlyList<Grant> Read(RequestHeaders headers)
    {
        var grants = new List<Grant>();
        foreach (var (name, permission) in Names)
            if (headers.Text(name) is { } text) ReadGrantees(name, text, permission, grants);
        return grants.Count <= AccessControlList.MaxGrants ? grants : throw new S3Exception(ErrorCode.MalformedACLError);
    }

    private static void ReadGrantees(string header, string text, AclPermission permission, List<Grant> grants)
    {
        var rest = text.AsSpan().Trim();
        while (true)
        {
            var equals = rest.IndexOf('=');
            if (equals < 0) throw Unrecognized(header, text);
            var kind = rest[..equals].Trim();
            rest = rest[(equals + 1)..].TrimStart();
            var value = TakeValue(ref rest);
            if (value is not { Length: > 0 } id || Read(kind, id, header) is not { } grantee) throw Unrecognized(header, text);
            grants.Add(new Grant(grantee, permission));
            rest = rest.TrimStart();
            if (rest.IsEmpty) return;
            if (rest[0] != ',') throw Unrecognized(header, text);
            rest = rest[1..].TrimStart();
        }
    }

    private static string? TakeValue(ref ReadOnlySpan<char> rest)
    {
        ReadOnlySpan<char> value;
        if (rest.Length > 0 && rest[0] is '"' or '\'')
        {
            var end = rest[1..].IndexOf(rest[0]);
            if (end < 0) return null;
            value = rest.Slice(1, end);
            rest = rest[(end + 2)..];
            return value.ToString();
        }
        var comma = rest.IndexOf(',');
        value = comma < 0 ? rest : rest[..comma];
        rest = comma < 0 ? [] : rest[comma..];
        return value.Trim().ToString();
    }

    private static Grantee? Read(ReadOnlySpan<char> kind, string id, string header)
    {
        if (kind.Equals("id", StringComparison.OrdinalIgnoreCase)) return Grantee.User(id);
        if (kind.Equals("emailAddress", StringComparison.OrdinalIgnoreCase)) return new Grantee(GranteeKind.Email, id);
        if (kind.Equals("uri", StringComparison.OrdinalIgnoreCase)) return AccessControlDocument.Group(id, header);
        return null;
    }

    private static S3Exception Unrecognized(string header, string text) =>
        S3Exception.InvalidArgument("Argument format not recognized", header, text);
}
