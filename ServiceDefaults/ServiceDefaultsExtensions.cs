using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace OrleansDfs.ServiceDefaults;

/// <summary>What every process of the cluster has in common: telemetry, health, one log format, and the end that follows its parent's.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Health checks with this tag tell whether the process lives at all; those without it tell whether it can serve.</summary>
    public const string LiveTag = "live";

    /// <summary>Ready: every registered check passes. The launcher and Aspire wait for it.</summary>
    public const string HealthPath = "/health";

    /// <summary>Alive: only the checks tagged <see cref="LiveTag"/>.</summary>
    public const string AlivePath = "/alive";

    /// <summary>
    /// Adds telemetry, the health check <c>self</c>, the console's log format and <see cref="StdinWatcher"/>. Checks of one's own are added
    /// with <c>builder.Services.AddHealthChecks().AddCheck(..)</c> before or after this call.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddLineConsole();
        builder.AddTelemetry();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        if (StdinWatcher.IsWanted(builder.Configuration))
            builder.Services.AddHostedService<StdinWatcher>();
        return builder;
    }

    /// <summary>Maps <c>/health</c> and <c>/alive</c> for a process whose paths are its own, such as a silo.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(HealthPath);
        app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = IsLive });
        return app;
    }

    /// <summary>
    /// Answers <c>/health</c> and <c>/alive</c> on one listening port only. For the gateway: every path of its S3 port names a bucket, so
    /// health has a port of its own. The port is compared with the socket's, not with the Host header, which a client chooses.
    /// </summary>
    /// <param name="app">The application; call this before anything that answers requests.</param>
    /// <param name="port">The TCP port, which must be among the application's URLs.</param>
    public static IApplicationBuilder UseDefaultEndpoints(this IApplicationBuilder app, int port) =>
        app.UseHealthChecks(HealthPath, port).UseHealthChecks(AlivePath, port, new HealthCheckOptions { Predicate = IsLive });

    static bool IsLive(HealthCheckRegistration check) => check.Tags.Contains(LiveTag);
}
