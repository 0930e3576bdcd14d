using OrleansDfs.Abstractions;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>From grantees as a client names them to users of this cluster: one call, however many there are.</summary>
static class AclGrantees
{
    /// <param name="owner">Always known: it may be the name of who is no user any more.</param>
    /// <exception cref="S3Exception">InvalidArgument for an id, UnresolvableGrantByEmailAddress or AmbiguousGrantByEmailAddress for an
    /// address.</exception>
    public static async Task<AclRequest> ResolveGrantees(this S3Request request, AclRequest asked, string? owner = null)
    {
        var names = Named(GranteeKind.User).Where(id => id != owner && id is not (Grantee.AnonymousId or Grantee.AwsExecId)).ToArray();
        var emails = Named(GranteeKind.Email).ToArray();
        if (names.Length + emails.Length == 0) return asked;
        var found = await request.Grains.ReadAsync(
            () => request.Grains.Identity().FindUsers(names, emails, request.Cancellation), request.Cancellation);
        found.Status.ThrowUnlessOk();
        foreach (var name in names)
            if (!found.Users.Any(user => user.Name == name)) throw S3Exception.InvalidArgument("Invalid id", "CanonicalUser/ID", name);
        return asked with { Grants = [.. asked.Grants.Select(Resolve)] };

        IEnumerable<string> Named(GranteeKind kind) =>
            asked.Grants.Where(grant => grant.Grantee.Kind == kind).Select(grant => grant.Grantee.Id).Distinct();

        Grant Resolve(Grant grant)
        {
            if (grant.Grantee.Kind != GranteeKind.Email) return grant;
            var users = found.Users.Where(user => user.Email.Equals(grant.Grantee.Id, StringComparison.OrdinalIgnoreCase)).ToArray();
            return users.Length switch
            {
                1 => grant with { Grantee = Grantee.User(users[0].Name) },
                0 => throw new S3Exception(ErrorCode.UnresolvableGrantByEmailAddress, null, ("EmailAddress", grant.Grantee.Id)),
                _ => throw new S3Exception(ErrorCode.AmbiguousGrantByEmailAddress, null, ("EmailAddress", grant.Grantee.Id)),
            };
        }
    }
}
