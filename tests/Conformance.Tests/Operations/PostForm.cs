using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>A browser's form, its policy signed apart from the server's code; each test changes what it is about.</summary>
sealed class PostForm(S3Server server, string bucket)
{
    public DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;
    public DateTimeOffset Expiration { get; set; } = DateTimeOffset.UtcNow.AddMinutes(5);
    public List<string> Conditions { get; } = [];
    public List<(string Name, string Value)> Fields { get; } = [("key", "k")];
    public string FileName { get; set; } = "photo.png";
    public string AccessKey { get; set; } = server.AccessKey;
    public string Secret { get; set; } = server.SecretKey;
    public bool IsSigned { get; set; } = true;
    public string AfterFile { get; set; } = "";
    public string Path { get; set; } = $"/{bucket}";

    public PostForm With(string name, string value, bool covered = true)
    {
        Fields.RemoveAll(field => field.Name == name);
        Fields.Add((name, value));
        if (covered) Conditions.Add($"[\"eq\", \"${name}\", \"{value}\"]");
        return this;
    }

    public async Task<RawResponse> Send(byte[] file)
    {
        var fields = Fields.ToList();
        if (IsSigned) fields.AddRange(Signature());
        var text = new StringBuilder();
        foreach (var (name, value) in fields)
            text.Append(CultureInfo.InvariantCulture,
                $"--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n{value}\r\n");
        text.Append(CultureInfo.InvariantCulture,
            $"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{FileName}\"\r\nContent-Type: image/png\r\n\r\n");
        byte[] body = [.. Encoding.UTF8.GetBytes(text.ToString()), .. file, .. Encoding.UTF8.GetBytes($"\r\n--edge{AfterFile}--\r\n")];
        return await server.Raw($"POST {Path} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Type: multipart/form-data; boundary=edge\r\n" +
            $"Content-Length: {body.Length}\r\n\r\n", body);
    }

    IEnumerable<(string, string)> Signature()
    {
        var day = Now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var date = Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var credential = $"{AccessKey}/{day}/us-east-1/s3/aws4_request";
        string[] conditions =
        [
            $"{{\"bucket\": \"{bucket}\"}}", "[\"starts-with\", \"$key\", \"\"]", "{\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"}",
            $"{{\"x-amz-credential\": \"{credential}\"}}", $"{{\"x-amz-date\": \"{date}\"}}", .. Conditions,
        ];
        var expiration = Expiration.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var document = $"{{\"expiration\": \"{expiration}\", \"conditions\": [{string.Join(", ", conditions)}]}}";
        var policy = Convert.ToBase64String(Encoding.UTF8.GetBytes(document));
        var key = Encoding.UTF8.GetBytes("AWS4" + Secret);
        foreach (var step in new[] { day, "us-east-1", "s3", "aws4_request" }) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(policy)));
        return [("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", credential), ("x-amz-date", date), ("Policy", policy),
            ("X-Amz-Signature", signature)];
    }
}
