using OrleansDfs.ServiceDefaults;
using OrleansDfs.Silo;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
using var loggers = LineConsole.CreateLoggers(builder.Configuration);
SiloHost host;
try
{
    host = await SiloHost.OpenAsync(builder.Configuration, loggers, TimeProvider.System, CancellationToken.None);
}
catch (SiloStartException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}

await using (host)
{
    builder.AddOrleansDfsSilo(host);
    await using var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapOrleansDfsSilo();
    await app.RunAsync();
}
return 0;
