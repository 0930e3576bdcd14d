using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace OrleansDfs.Gateway.Connections;

/// <summary>
/// Connection middleware in front of Kestrel's HTTP/1.1 parser: refuses what Kestrel would let pass (S3.md §5) with an S3 error, and closes. It sees
/// the bytes of the socket and, on HTTPS, what TLS makes of them.
/// </summary>
static class HeadGuard
{
    public static Task Run(ConnectionContext connection, ConnectionDelegate next) => next(new GuardedConnection(connection, Guard));

    static Pair Guard(IDuplexPipe transport) =>
        new(new GuardedReader(transport.Input, verdict => Refuse(transport.Output, verdict)), transport.Output);

    static async ValueTask Refuse(PipeWriter output, HeadVerdict verdict)
    {
        var message = verdict switch
        {
            HeadVerdict.BareLineFeed => "A header line does not end with CR LF.",
            HeadVerdict.BadLength => "The Content-Length header is not a plain number.",
            _ => "The request has more than one length.",
        };
        var body = $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>InvalidRequest</Code><Message>{message}</Message></Error>
            """;
        var answer = $"HTTP/1.1 400 Bad Request\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n"
            + $"Date: {DateTimeOffset.UtcNow:R}\r\nServer: OrleansDfs\r\nx-amz-request-id: {RequestId.New()}\r\n\r\n{body}";
        await output.WriteAsync(Encoding.ASCII.GetBytes(answer));
    }

    sealed record Pair(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
