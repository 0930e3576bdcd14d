using OrleansDfs.Client;
using OrleansDfs.Gateway;
using OrleansDfs.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddOrleansDfsClient();
builder.AddOrleansDfsGateway();
var app = builder.Build();
app.MapOrleansDfsGateway();
await app.RunAsync();
