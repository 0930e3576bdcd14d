using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansDfs.Gateway.Connections;

namespace OrleansDfs.Gateway.Tests.Connections;

public sealed class PipeBlockPoolTests
{
    [Fact]
    public void Kestrels_transport_takes_its_blocks_from_it()
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddOrleansDfsGateway();
        using var services = builder.Services.BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<SocketTransportOptions>>().Value;
        var property = typeof(SocketTransportOptions).GetProperty("MemoryPoolFactory",
            BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
        Assert.IsType<PipeBlockPoolFactory>(property?.GetValue(options));
    }

    [Fact]
    public void Blocks_come_back_whole()
    {
        using var pool = new PipeBlockPool();
        var first = pool.Rent();
        Assert.Equal(64 * 1024, first.Memory.Length);
        first.Dispose();
        Assert.Same(first, pool.Rent(100));
    }
}
