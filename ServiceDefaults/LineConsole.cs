using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansDfs.ServiceDefaults;

static class LineConsole
{
    /// <summary>One line per event with a UTC time, so that the logs of several processes merge by sorting.</summary>
    public static void AddLineConsole(this IHostApplicationBuilder builder) => builder.Logging.AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
    });
}
