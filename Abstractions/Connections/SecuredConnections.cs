using System.IO.Pipelines;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace OrleansDfs.Abstractions;

/// <summary>Wraps the bytes of a connection in TLS: <c>ClusterTls</c>, which this project does not know.</summary>
/// <param name="transport">Owned by the result; disposed when it fails.</param>
public delegate Task<Stream> SecureStream(Stream transport, CancellationToken cancellation);

/// <summary>
/// Secures the connections of Orleans, of silos and of clients alike (docs/decisions/cluster-security.md). Invariant: no byte reaches Orleans, and none of Orleans'
/// goes out, before the handshake is through; whoever fails it, or keeps silent, is cut off.
/// </summary>
public static partial class SecuredConnections
{
    /// <summary>From the connection to the end of its handshake. Also what a stranger who says nothing can hold.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    public static void UseSecured(this IConnectionBuilder builder, SecureStream secure, ILogger log) =>
        builder.Use(next => connection => RunAsync(connection, secure, log, next));

    private static async Task RunAsync(ConnectionContext connection, SecureStream secure, ILogger log, ConnectionDelegate next)
    {
        var plain = connection.Transport;
        if (await HandshakeAsync(connection, plain, secure, log) is not { } secured)
        {
            // Orleans disposes the connection now, which does not end one whose other side keeps silent.
            connection.Abort();
            return;
        }
        await using (secured)
        {
            var transport = new SecuredTransport(secured);
            connection.Transport = transport;
            try
            {
                await next(connection);
            }
            finally
            {
                await transport.Input.CompleteAsync();
                await transport.Output.CompleteAsync();
                connection.Transport = plain; // whoever made it closes it
            }
        }
    }

    private static async Task<Stream?> HandshakeAsync(ConnectionContext connection, IDuplexPipe plain, SecureStream secure, ILogger log)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        late.CancelAfter(HandshakeTimeout);
        try
        {
            return await secure(new DuplexPipeStream(plain), late.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            Refused(log, connection.RemoteEndPoint, e is OperationCanceledException ? "it did not finish its handshake" : e.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection with {Remote} was refused: {Reason}")]
    private static partial void Refused(ILogger log, System.Net.EndPoint? remote, string reason);

    private sealed class SecuredTransport(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: 16 * 1024, leaveOpen: true));
    }
}
