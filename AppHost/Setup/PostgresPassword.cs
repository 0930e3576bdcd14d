namespace OrleansDfs.AppHost.Setup;

/// <summary>The password of our own PostgreSQL, drawn at the first start and kept (0600).</summary>
static class PostgresPassword
{
    const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Letters and digits only: it stands in connection strings and environment variables unquoted.</summary>
    public static string Of(DataFolder data) =>
        PrivateFile.ReadOrCreate(data.Combine("postgres.password"), () => PrivateFile.Random(LettersAndDigits, 32));
}
