using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.user-info")]
internal struct UserInfoSurrogate
{
    [Id(0)] public string Name;
    [Id(1)] public string Email;
    [Id(2)] public bool IsRoot;
}

[RegisterConverter]
internal sealed class UserInfoConverter : IConverter<UserInfo, UserInfoSurrogate>
{
    public UserInfo ConvertFromSurrogate(in UserInfoSurrogate surrogate) => new(
        surrogate.Name,
        surrogate.Email,
        surrogate.IsRoot);

    public UserInfoSurrogate ConvertToSurrogate(in UserInfo value) => new()
    {
        Name = value.Name,
        Email = value.Email,
        IsRoot = value.IsRoot,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.access-key-info")]
internal struct AccessKeyInfoSurrogate
{
    [Id(0)] public string AccessKey;
    [Id(1)] public bool Disabled;
    [Id(2)] public bool Configured;
    [Id(3)] public DateTimeOffset Created;
}

[RegisterConverter]
internal sealed class AccessKeyInfoConverter : IConverter<AccessKeyInfo, AccessKeyInfoSurrogate>
{
    public AccessKeyInfo ConvertFromSurrogate(in AccessKeyInfoSurrogate surrogate) => new(
        surrogate.AccessKey,
        surrogate.Disabled,
        surrogate.Configured,
        surrogate.Created);

    public AccessKeyInfoSurrogate ConvertToSurrogate(in AccessKeyInfo value) => new()
    {
        AccessKey = value.AccessKey,
        Disabled = value.Disabled,
        Configured = value.Configured,
        Created = value.Created,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.account-info")]
internal struct AccountInfoSurrogate
{
    [Id(0)] public UserInfo User;
    [Id(1)] public string Parent;
    [Id(2)] public bool Disabled;
    [Id(3)] public bool Configured;
    [Id(4)] public DateTimeOffset Created;
    [Id(5)] public AccessKeyInfo[] Keys;
    [Id(6)] public string[] Policies;
}

[RegisterConverter]
internal sealed class AccountInfoConverter : IConverter<AccountInfo, AccountInfoSurrogate>
{
    public AccountInfo ConvertFromSurrogate(in AccountInfoSurrogate surrogate) => new(
        surrogate.User,
        surrogate.Parent,
        surrogate.Disabled,
        surrogate.Configured,
        surrogate.Created,
        surrogate.Keys,
        surrogate.Policies);

    public AccountInfoSurrogate ConvertToSurrogate(in AccountInfo value) => new()
    {
        User = value.User,
        Parent = value.Parent,
        Disabled = value.Disabled,
        Configured = value.Configured,
        Created = value.Created,
        Keys = [.. value.Keys],
        Policies = [.. value.Policies],
    };
}
