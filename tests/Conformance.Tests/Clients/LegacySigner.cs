using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Conformance.Tests;

/// <summary>Signature Version 2 written down a second time, apart from the server's.</summary>
public sealed class LegacySigner(string accessKey, string secretKey, string host, DateTimeOffset? now = null)
{
    readonly DateTimeOffset _now = now ?? DateTimeOffset.UtcNow;

    /// <param name="resource">What is signed of the target: the path and the parameters that version 2 knows.</param>
    public string Head(string method, string target, string? resource = null, params (string Name, string Value)[] headers)
    {
        var date = _now.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
        var signature = Sign($"{method}\n\n{Find(headers, "content-type")}\n{date}\n{Lines(headers)}{resource ?? target.Split('?')[0]}");
        var sent = string.Concat(headers.Select(h => $"{h.Name}: {h.Value}\r\n"));
        return $"{method} {target} HTTP/1.1\r\nHost: {host}\r\nDate: {date}\r\n{sent}Authorization: AWS {accessKey}:{signature}\r\n\r\n";
    }

    public string Presign(string method, string target, int seconds = 60, string? resource = null)
    {
        var expires = _now.ToUnixTimeSeconds() + seconds;
        var signature = Sign($"{method}\n\n\n{expires}\n{resource ?? target.Split('?')[0]}");
        return string.Create(CultureInfo.InvariantCulture, $"{target}{(target.Contains('?', StringComparison.Ordinal) ? '&' : '?')}") +
            $"AWSAccessKeyId={accessKey}&Expires={expires}&Signature={Uri.EscapeDataString(signature)}";
    }

    public string Sign(string text)
    {
#pragma warning disable CA5350 // what version 2 is
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretKey), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    static string Lines((string Name, string Value)[] headers) =>
        string.Concat(headers.Where(h => h.Name.StartsWith("x-amz-", StringComparison.Ordinal))
        .OrderBy(h => h.Name, StringComparer.Ordinal).Select(h => $"{h.Name}:{h.Value}\n"));

    static string Find((string Name, string Value)[] headers, string name) => headers.FirstOrDefault(h => h.Name == name).Value ?? "";
}
