using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Gateway.Admin;

/// <summary>The JSON of the admin API (docs/admin-api.md). What is not understood is refused: an unknown field, a field twice, a wrong
/// type.</summary>
static class AdminDocuments
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 16,
    };

    public sealed record NewUser(string? Name, string? Email);

    public sealed record NewKey(string? AccessKey, string? SecretKey);

    public sealed record Switch(bool? Disabled);

    public sealed record Key(string AccessKey, bool Disabled, bool Configured, DateTimeOffset Created)
    {
        public static Key Of(AccessKeyInfo key) => new(key.AccessKey, key.Disabled, key.Configured, key.Created);
    }

    public sealed record User(
        string Name, string Email, bool Root, string? Parent, bool Disabled, bool Configured, DateTimeOffset Created, IReadOnlyList<Key> Keys,
        IReadOnlyList<string> Policies)
    {
        public static User Of(AccountInfo account) => new(
            account.User.Name, account.User.Email, account.User.IsRoot, account.Parent.Length > 0 ? account.Parent : null, account.Disabled,
            account.Configured, account.Created, [.. account.Keys.Select(Key.Of)], account.Policies);
    }

    public sealed record CreatedKey(string AccessKey, string SecretKey)
    {
        public static CreatedKey Of(CreatedAccessKey created) => new(created.AccessKey, created.SecretKey);
    }

    public sealed record Error(string Code, string Message, string RequestId);
}
