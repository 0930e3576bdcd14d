using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace OrleansDfs.ServiceDefaults;

public static class LineConsole
{
    private static readonly Dictionary<string, string?> QuietFrameworks = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Orleans"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Critical", // every retry of a placement at Warning; what fails in the end is logged by who asked
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
    };

    /// <summary>
    /// One line per event with a UTC time, so that the logs of several processes merge by sorting. Lines of the frameworks (ASP.NET's four for each
    /// request, two for each placement of a grain) start at warnings unless the configuration says otherwise.
    /// </summary>
    public static void AddLineConsole(this IHostApplicationBuilder builder)
    {
        // In front of all sources: what any of them says counts.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = QuietFrameworks });
        builder.Logging.AddLineConsole();
    }

    /// <summary>The same log before there is a host: for what must be opened first.</summary>
    public static ILoggerFactory CreateLoggers(IConfiguration configuration) => LoggerFactory.Create(logging =>
    {
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddLineConsole();
    });

    private static void AddLineConsole(this ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        // The host's own console, which is there already, goes on behind ours.
        var consoles = logging.Services.Where(s => s.ServiceType == typeof(ILoggerProvider) && s.ImplementationType == typeof(ConsoleLoggerProvider));
        foreach (var console in consoles.ToList()) logging.Services.Remove(console);
        logging.Services.TryAddSingleton<ConsoleLoggerProvider>();
        logging.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, LineConsoleProvider>());
    }
}
