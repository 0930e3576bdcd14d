using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OrleansDfs.Gateway.Connections;

namespace OrleansDfs.Gateway;

/// <summary>
/// Everything that is set on Kestrel, in one place (S3.md §5). Its own 400, 414 and 431 have no body, so its limits lie above those of
/// <see cref="RequestLimits"/>, which answers as S3 does.
/// </summary>
static class KestrelSettings
{
    public static void Apply(KestrelServerOptions kestrel, GatewaySettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        // Bytes as they came: signatures are over bytes, and what they mean is decided where a header is used.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = settings.MaxConnections;
        limits.MaxRequestBodySize = null; // 5 GiB for a PUT, told by Content-Length before a byte is read
        limits.MaxRequestLineSize = 64 * 1024; // a key of 1024 bytes is 3 KiB percent-encoded; a presigned query with a session token is long
        limits.MaxRequestHeadersTotalSize = 64 * 1024;
        limits.MaxRequestHeaderCount = 200;
        limits.MinRequestBodyDataRate = null; // an average forgives a fast client that stalls; RequestBody times each wait instead
        // whoever stops reading must not hold a reader's buffers for ever
        limits.MinResponseDataRate = new MinDataRate(1024, TimeSpan.FromSeconds(60));
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        limits.MaxRequestBufferSize = 1024 * 1024;
        limits.MaxResponseBufferSize = 256 * 1024;
        kestrel.ConfigureEndpointDefaults(listen =>
        {
            listen.Protocols = HttpProtocols.Http1; // S3 is HTTP/1.1; HTTP/2 carries large bodies many times slower (SPEED.md)
            listen.Use(next => connection => HeadGuard.Run(connection, next));
        });
    }

    public static void Apply(SocketTransportOptions sockets)
    {
        // A request is worked on by the thread that received it, and its answer is sent by the thread that has it: nothing here blocks a thread, and
        // each change of threads costs more than the parsing of a head.
        sockets.UnsafePreferInlineScheduling = true;
    }
}
