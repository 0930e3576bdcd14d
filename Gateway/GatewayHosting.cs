using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansDfs.Client;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Gateway.Admin;
using OrleansDfs.Gateway.Connections;
using OrleansDfs.ServiceDefaults;

namespace OrleansDfs.Gateway;

/// <summary>
/// The S3 gateway in a host: called by this project's own program and by the server that has silo and gateway in one process. The host brings an
/// <c>IClusterClient</c> and the client library's services (<c>AddOrleansDfsClient</c>).
/// </summary>
public static class GatewayHosting
{
    /// <summary>Registers the gateway and its Kestrel settings. Settings: <c>docs/operations</c>, section <c>OrleansDfs</c>.</summary>
    /// <exception cref="InvalidOperationException">A setting is out of range.</exception>
    public static WebApplicationBuilder AddOrleansDfsGateway(this WebApplicationBuilder builder)
    {
        var settings = GatewaySettings.Read(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => KestrelSettings.Apply(kestrel, settings));
        builder.WebHost.UseSockets(KestrelSettings.Apply);
        // Its lines hold each request's query, where links have their signatures. Whatever level somebody asks of the framework, this stays out of
        // the log.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        var services = builder.Services;
        services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>, PipeBlockPoolFactory>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<IdentityCache>();
        services.AddSingleton<BucketCache>();
        services.AddSingleton<BucketGate>();
        services.AddSingleton<FailedSignatures>();
        services.AddSingleton<Authentication>();
        services.AddSingleton<RequestSlots>();
        services.AddSingleton<Backend>();
        services.AddSingleton<AdminEndpoint>();
        services.AddSingleton<S3Endpoint>();
        return builder;
    }

    /// <summary>Answers S3 on every listening address but the health port's. Call it last: no path is left for anything else.</summary>
    public static WebApplication MapOrleansDfsGateway(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<GatewaySettings>();
        if (settings.HealthPort != 0)
        {
            app.UseDefaultEndpoints(settings.HealthPort);
            app.MapWhen(http => http.Connection.LocalPort == settings.HealthPort, other => other.Run(http =>
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }));
        }
        app.Run(app.Services.GetRequiredService<S3Endpoint>().Handle);
        return app;
    }
}
