using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansDfs.Gateway.Connections;

/// <summary>
/// A connection whose every transport is read through a guard: the socket's, and the decrypted one that Kestrel's TLS puts in its place further in.
/// However an endpoint came to its TLS (addresses, the section <c>Kestrel</c>, code), no head reaches the HTTP parser unseen.
/// </summary>
sealed class GuardedConnection : ConnectionContext
{
    readonly ConnectionContext _inner;
    readonly Func<IDuplexPipe, IDuplexPipe> _guard;
    readonly IDuplexPipe _outermost;
    IDuplexPipe _transport;

    public GuardedConnection(ConnectionContext inner, Func<IDuplexPipe, IDuplexPipe> guard)
    {
        (_inner, _guard) = (inner, guard);
        _outermost = _transport = guard(inner.Transport);
    }

    public override IDuplexPipe Transport
    {
        get => _transport;
        set => _transport = ReferenceEquals(value, _outermost) ? value : _guard(value); // TLS puts the outermost back at its end
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    // Not DisposeAsync: the connection is Kestrel's.
    public override void Abort() => _inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);
}
