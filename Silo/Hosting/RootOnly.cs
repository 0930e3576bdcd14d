using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace OrleansDfs.Silo.Hosting;

/// <summary>HTTP Basic (RFC 7617) with the root access key and secret: the dashboard shows what runs where, and has no door of its own.</summary>
public sealed class RootOnly(RequestDelegate next, SiloOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (Admits(context.Request.Headers.Authorization.ToString()))
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"OrleansDfs: root access key and secret\", charset=\"UTF-8\"";
    }

    private bool Admits(string header)
    {
        const string Scheme = "Basic ";
        if (string.IsNullOrEmpty(options.RootAccessKey) || string.IsNullOrEmpty(options.RootSecretKey)) return false;
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var given = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), given, out var length)) return false;
        // Hashes of equal length: the comparison then tells nothing about the length of the secret either.
        return CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(given.AsSpan(0, length)),
            SHA256.HashData(Encoding.UTF8.GetBytes($"{options.RootAccessKey}:{options.RootSecretKey}")));
    }
}
