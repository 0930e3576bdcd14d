using System.Text.RegularExpressions;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// The cluster's secrets. The root key comes from the environment for this start only; else it is the one kept in <c>root.env</c>, drawn at
/// the first start. The file is a list of <c>NAME=value</c> lines that a shell can source.
/// </summary>
public sealed partial record Secrets(string RootAccessKey, string RootSecretKey, string ClusterSecretFile, string RootKeyOrigin)
{
    public const string AccessKeyVariable = "ORLEANSDFS_ACCESS_KEY";
    public const string SecretKeyVariable = "ORLEANSDFS_SECRET_KEY";

    const string UpperAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const string AccessKeyLine = "AWS_ACCESS_KEY_ID=";
    const string SecretKeyLine = "AWS_SECRET_ACCESS_KEY=";

    /// <exception cref="SetupException">Only half a root key, or a malformed one.</exception>
    public static Secrets Load(DataFolder folder, IReadOnlyDictionary<string, string> environment)
    {
        var clusterSecret = folder.Combine("cluster.secret");
        PrivateFile.ReadOrCreate(clusterSecret, () => PrivateFile.Random(LettersAndDigits, 43));

        var accessKey = environment.GetValueOrDefault(AccessKeyVariable);
        var secretKey = environment.GetValueOrDefault(SecretKeyVariable);
        if (string.IsNullOrEmpty(accessKey) != string.IsNullOrEmpty(secretKey))
            throw new SetupException($"{AccessKeyVariable} and {SecretKeyVariable} belong together: set both, or neither to have a key drawn.");
        if (!string.IsNullOrEmpty(accessKey) && !string.IsNullOrEmpty(secretKey))
            return Checked(new Secrets(accessKey, secretKey, clusterSecret, "from the environment"));

        var file = folder.Combine("root.env");
        var lines = PrivateFile.ReadOrCreate(
            file,
            () => $"{AccessKeyLine}AK{PrivateFile.Random(UpperAndDigits, 18)}\n"
                + $"{SecretKeyLine}{PrivateFile.Random(LettersAndDigits, 40)}").Split('\n');
        string Line(string name) =>
            lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim()
            ?? throw new SetupException($"{file} has no line {name}…: restore it, or delete the file to have a new root key drawn.");
        return Checked(new Secrets(Line(AccessKeyLine), Line(SecretKeyLine), clusterSecret, $"kept in {file}"));
    }

    static Secrets Checked(Secrets secrets)
    {
        if (!AccessKeyForm().IsMatch(secrets.RootAccessKey))
            throw new SetupException($"The root access key ({secrets.RootKeyOrigin}) must be 3 to 128 letters, digits or underscores.");
        if (!SecretKeyForm().IsMatch(secrets.RootSecretKey))
            throw new SetupException($"The root secret key ({secrets.RootKeyOrigin}) must be 8 to 128 printable characters without spaces.");
        return secrets;
    }

    // IAM's form of an access key id; a secret must survive a shell line and an environment variable.
    [GeneratedRegex("^[A-Za-z0-9_]{3,128}$")]
    private static partial Regex AccessKeyForm();

    [GeneratedRegex("^[!-~]{8,128}$")]
    private static partial Regex SecretKeyForm();
}
