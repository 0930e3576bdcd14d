namespace OrleansDfs.Model;

/// <summary>A user: owner of buckets and files. Owner id and display name are the name.</summary>
public sealed record UserInfo(string Name, string Email, bool IsRoot);
