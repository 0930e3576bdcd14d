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
