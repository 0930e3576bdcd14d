using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Admin;

/// <summary>What a request to the admin API asks for (docs/admin-api.md): method and path, to an action by IAM's name.</summary>
/// <param name="Action">What a policy must allow on <c>arn:aws:iam:::user/NAME</c>.</param>
/// <param name="User">The user it is about; "" for all of them or one to be made.</param>
/// <param name="Item">An access key or the name of a policy; "" for none.</param>
sealed record AdminRoute(string Action, string User, string Item)
{
    /// <returns><c>null</c>: there is no such thing.</returns>
    public static AdminRoute? Parse(string method, RequestTarget target)
    {
        if (target.Query.Pairs.Count > 0) return null;
        // Names hold no slash, so the decoded path can be split.
        var words = target.Path[RequestTarget.AdminPath.Length..].Split('/');
        if (words is not ["v1", "users", .. var rest] || rest.Contains("")) return null;
        return (method, rest) switch
        {
            ("GET", []) => new("iam:ListUsers", "", ""),
            ("POST", []) => new("iam:CreateUser", "", ""),
            ("GET", [var user]) => new("iam:GetUser", user, ""),
            ("PATCH", [var user]) => new("iam:UpdateUser", user, ""),
            ("DELETE", [var user]) => new("iam:DeleteUser", user, ""),
            ("GET", [var user, "keys"]) => new("iam:ListAccessKeys", user, ""),
            ("POST", [var user, "keys"]) => new("iam:CreateAccessKey", user, ""),
            ("PATCH", [var user, "keys", var key]) => new("iam:UpdateAccessKey", user, key),
            ("DELETE", [var user, "keys", var key]) => new("iam:DeleteAccessKey", user, key),
            ("GET", [var user, "policies"]) => new("iam:ListUserPolicies", user, ""),
            ("GET", [var user, "policies", var policy]) => new("iam:GetUserPolicy", user, policy),
            ("PUT", [var user, "policies", var policy]) => new("iam:PutUserPolicy", user, policy),
            ("DELETE", [var user, "policies", var policy]) => new("iam:DeleteUserPolicy", user, policy),
            _ => null,
        };
    }
}
