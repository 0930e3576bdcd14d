using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansDfs.Client;

/// <summary>How a service gets its <see cref="IDfsClient"/>.</summary>
public static class DfsClientHosting
{
    /// <summary>
    /// A program that is only a client: connects to the cluster that the configuration describes (section <c>Orleans</c>: <c>ClusterId</c>, <c>ServiceId</c>,
    /// <c>Clustering</c> with the ADO.NET provider; <c>OrleansDfs:ClusterSecretFile</c>; <c>OrleansDfs:Client</c> for <see cref="DfsClientOptions"/>) and registers
    /// <see cref="IDfsClient"/> and <see cref="DfsConnections"/>.
    /// </summary>
    public static TBuilder AddOrleansDfsClient<TBuilder>(this TBuilder builder, Action<DfsClientOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder => throw new NotImplementedException();

    /// <summary>Only the client's own services, for a host that has an <c>IClusterClient</c> already: its own Orleans client, or a silo's (ORLEANS §0.11).</summary>
    public static IServiceCollection AddOrleansDfsClient(this IServiceCollection services, Action<DfsClientOptions>? configure = null) =>
        throw new NotImplementedException();
}
