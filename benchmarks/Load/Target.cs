namespace OrleansDfs.Load;

/// <summary>An endpoint under load, and which processes of this machine serve it.</summary>
/// <param name="AccessKey">Empty: a plain web server, the bound for reads. Nothing is signed, and only GET and HEAD are measured.</param>
/// <param name="Processes">
/// Words that the command line of a server process contains, any of them, or <c>pid:N</c> for a process and all below it; empty where the servers are
/// elsewhere.
/// </param>
sealed record Target(string Name, string Host, int Port, string AccessKey, string Secret, IReadOnlyList<string> Processes)
{
    /// <summary>Can it only be read from?</summary>
    public bool IsPlain => AccessKey == "";

    /// <summary><c>name=http://host:port,ACCESSKEY,SECRET[,word|word...]</c></summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Target Parse(string text)
    {
        var equals = text.IndexOf('=');
        var fields = equals < 0 ? [] : text[(equals + 1)..].Split(',');
        if (fields.Length is < 3 or > 4 || !Uri.TryCreate(fields[0], UriKind.Absolute, out var uri) || uri.Scheme != "http")
            throw new FormatException($"'{text}' is not name=http://host:port,ACCESSKEY,SECRET[,process-word|process-word...]");
        return new Target(text[..equals], uri.Host, uri.Port, fields[1], fields[2], fields.Length == 4 ? fields[3].Split('|') : []);
    }
}
