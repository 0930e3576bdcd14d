using System.Buffers;
using System.Text;

namespace OrleansDfs.S3.Tests;

/// <summary>Short forms for the parts of a request.</summary>
internal static class Http
{
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    public static RequestHeaders Headers(params (string Name, string Value)[] lines)
    {
        var headers = new RequestHeaders();
        foreach (var (name, value) in lines) headers.Add(name, value);
        return headers;
    }

    public static RequestTarget Target(string raw, string host = "localhost:9000", params string[] domains) =>
        RequestTarget.Parse(raw, host, domains);

    public static QueryParameters Query(string raw) => QueryParameters.Parse(raw);

    public static string Written(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
