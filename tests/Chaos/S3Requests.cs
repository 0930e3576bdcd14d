using System.Net.Http.Headers;
using System.Security.Cryptography;
using OrleansDfs.S3;

namespace OrleansDfs.Chaos;

/// <summary>
/// Signed requests to one of the gateways, each sent exactly once: a client that repeats by itself would hide from the history what happened. An
/// answer is a status, 0 where there was none, with headers and a whole body.
/// </summary>
sealed class S3Requests : IDisposable
{
    /// <summary>Above all deadlines of the cluster: what takes longer counts as unknown.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly RequestSigner _signer;
    private readonly string[] _gateways;

    public S3Requests(string accessKey, string secretKey, params string[] gateways)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(3) }) { Timeout = Limit };
        _signer = new RequestSigner(accessKey, secretKey);
        _gateways = gateways;
    }

    public int Gateways => _gateways.Length;

    /// <param name="gateway">Which gateway, 0 or more.</param>
    /// <param name="target">Path and query, encoded.</param>
    public async Task<Answer> SendAsync(
        int gateway, HttpMethod method, string target, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var host = _gateways[gateway % _gateways.Length];
        var signed = new RequestHeaders();
        signed.Add("Host", host);
        foreach (var (name, value) in headers) signed.Add(name, value);
        _signer.Sign(method.Method, target, signed, Convert.ToHexStringLower(SHA256.HashData(body ?? [])), DateTimeOffset.UtcNow);
        var raw = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(method, new Uri($"http://{host}{target}", raw));
        if (body is not null) request.Content = new ByteArrayContent(body);
        foreach (var (name, value) in signed.Lines)
            if (name != "Host") request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await _http.SendAsync(request);
            return new Answer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Headers, response.Content.Headers);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return Answer.None; // refused, broken off or too late: nothing is known of it
        }
    }

    public void Dispose() => _http.Dispose();
}

sealed record Answer(int Status, byte[] Body, HttpResponseHeaders? Headers, HttpContentHeaders? ContentHeaders)
{
    public static readonly Answer None = new(0, [], null, null);

    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    public string? Header(string name) =>
        Headers is not null && Headers.TryGetValues(name, out var values) ? string.Join(',', values)
        : ContentHeaders is not null && ContentHeaders.TryGetValues(name, out values) ? string.Join(',', values) : null;
}
