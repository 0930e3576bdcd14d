using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace OrleansDfs.Abstractions;

/// <summary>Lets both sides of a connection prove that they are members: <c>ClusterTls</c>, which this project does not know.</summary>
/// <param name="transport">Owned by the result; disposed when it fails.</param>
/// <param name="remote">The other end.</param>
/// <returns>What the bytes go through from now on; <c>null</c>: they may go as they are.</returns>
public delegate Task<Stream?> SecureStream(Stream transport, EndPoint? remote, CancellationToken cancellation);

/// <summary>
/// Secures the connections of Orleans, of silos and of clients alike (docs/decisions/cluster-security.md). Invariant: no byte reaches Orleans, and
/// none of Orleans' goes out, before the handshake is through; whoever fails it, or keeps silent, is cut off.
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
        var (isMember, secured) = await HandshakeAsync(connection, plain, secure, log);
        if (!isMember)
        {
            // Orleans disposes the connection now, which does not end one whose other side keeps silent.
            connection.Abort();
            return;
        }
        if (secured is null)
        {
            await next(connection);
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

    private static async Task<(bool IsMember, Stream? Secured)> HandshakeAsync(ConnectionContext connection,
        IDuplexPipe plain, SecureStream secure, ILogger log)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        late.CancelAfter(HandshakeTimeout);
        try
        {
            return (true, await secure(new DuplexPipeStream(plain), connection.RemoteEndPoint, late.Token));
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            Refused(log, connection.RemoteEndPoint, e is OperationCanceledException ? "it did not finish its handshake" : e.Message);
            return (false, null);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection with {Remote} was refused: {Reason}")]
    private static partial void Refused(ILogger log, EndPoint? remote, string reason);

    private sealed class SecuredTransport(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: 16 * 1024, leaveOpen: true));
    }
}
