using Microsoft.Extensions.Options;
using OrleansDfs.Client;
using OrleansDfs.Gateway;
using OrleansDfs.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddOrleansDfsClient();
builder.AddOrleansDfsGateway();
await using var app = builder.Build();
app.MapOrleansDfsGateway();
try
{
    await app.RunAsync();
    return 0;
}
catch (OptionsValidationException problem)
{
    // No cluster secret: nothing has been listened to yet.
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}
