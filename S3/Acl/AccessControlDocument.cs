using System.Buffers;

namespace OrleansDfs.S3;

/// <summary>The document of an ACL: body of Put…Acl, answer of Get…Acl, and what is kept.</summary>
/// <param name="Owner">Canonical id.</param>
public sealed record AccessControlDocument(string Owner, IReadOnlyList<Grant> Grants)
{
    /// <summary>Largest body read: 100 grants of long names are 40 KB.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <exception cref="S3Exception">MalformedACLError; InvalidArgument for a group that S3 does not know.</exception>
    public static AccessControlDocument Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            var fields = new XmlFields(XmlNode.Parse(body, "AccessControlPolicy"));
            var owner = new XmlFields(fields.Required("Owner"));
            var list = new XmlFields(fields.Required("AccessControlList"));
            fields.End();
            var ownerId = owner.Token("ID") ?? throw XmlNode.Malformed();
            owner.Optional("DisplayName");
            owner.End();
            var grants = list.Many("Grant").ConvertAll(ReadGrant);
            list.End();
            return grants.Count <= AccessControlList.MaxGrants ? new(ownerId, grants) : throw XmlNode.Malformed();
        }
        catch (S3Exception e) when (e.Code == ErrorCode.MalformedXML)
        {
            throw new S3Exception(ErrorCode.MalformedACLError);
        }
    }

    public static void Write(IBufferWriter<byte> output, string owner, AccessControlList list)
    {
        var xml = new XmlOutput(output);
        xml.Root("AccessControlPolicy");
        Parties.Write(ref xml, "Owner", owner);
        xml.Start("AccessControlList");
        foreach (var (grantee, permission) in list.Grants)
        {
            xml.Start("Grant");
            WriteGrantee(ref xml, grantee);
            xml.Element("Permission", Name(permission));
            xml.End("Grant");
        }
        xml.End("AccessControlList");
        xml.End("AccessControlPolicy");
        xml.Flush();
    }

    /// <exception cref="S3Exception">InvalidArgument: no such group.</exception>
    internal static Grantee Group(string uri, string argument)
    {
        foreach (var group in (ReadOnlySpan<Grantee>)[Grantee.AllUsers, Grantee.AuthenticatedUsers, Grantee.LogDelivery])
            if (group.Id == uri) return group;
        throw S3Exception.InvalidArgument("Invalid group uri", argument, uri);
    }

    private static Grant ReadGrant(XmlNode node)
    {
        var fields = new XmlFields(node);
        var grantee = ReadGrantee(fields.Required("Grantee"));
        var permission = fields.Token("Permission") switch
        {
            "FULL_CONTROL" => AclPermission.FullControl,
            "READ" => AclPermission.Read,
            "WRITE" => AclPermission.Write,
            "READ_ACP" => AclPermission.ReadAcp,
            "WRITE_ACP" => AclPermission.WriteAcp,
            _ => throw XmlNode.Malformed(),
        };
        fields.End();
        return new Grant(grantee, permission);
    }

    private static Grantee ReadGrantee(XmlNode node)
    {
        var fields = new XmlFields(node);
        var (id, email, uri) = (fields.Token("ID"), fields.Token("EmailAddress"), fields.Token("URI"));
        fields.Optional("DisplayName"); // what it is called is the cluster's word, not the client's
        fields.End();
        return (node.Attribute("type", XmlNode.SchemaInstance), id, email, uri) switch
        {
            ("CanonicalUser", { } user, null, null) => Grantee.User(user),
            ("AmazonCustomerByEmail", null, { } address, null) => new Grantee(GranteeKind.Email, address),
            ("Group", null, null, { } group) => Group(group, "Group/URI"),
            _ => throw XmlNode.Malformed(),
        };
    }

    private static void WriteGrantee(ref XmlOutput xml, Grantee grantee)
    {
        xml.Typed("Grantee", grantee.Kind == GranteeKind.Group ? "Group" : "CanonicalUser");
        if (grantee.Kind == GranteeKind.Group) xml.Element("URI", grantee.Id);
        else
        {
            xml.Element("ID", grantee.Id);
            xml.Element("DisplayName", grantee.Id);
        }
        xml.End("Grantee");
    }

    private static string Name(AclPermission permission) => permission switch
    {
        AclPermission.FullControl => "FULL_CONTROL",
        AclPermission.Read => "READ",
        AclPermission.Write => "WRITE",
        AclPermission.ReadAcp => "READ_ACP",
        AclPermission.WriteAcp => "WRITE_ACP",
        _ => throw new ArgumentOutOfRangeException(nameof(permission), permission, "S3 has no name for this."),
    };
}
