using System.Globalization;
using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansDfs.AppHost.Local;

/// <summary>
/// The launcher's page: resources, logs, a restart button. On loopback, and only for whoever has the token of the printed URL: another user of
/// this machine can reach the port, and logs may hold what is not for them. The first visit turns the token into a cookie that other sites'
/// pages cannot send (SameSite=Strict).
/// </summary>
sealed class WebPage(int port) : IAsyncDisposable
{
    // Cookies of one host are shared by all its ports: the name keeps two launchers apart.
    readonly string _cookie = "odfs-" + port.ToString(CultureInfo.InvariantCulture);
    readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    WebApplication? _app;

    public string Url => $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/?token={_token}";

    public async Task StartAsync(IReadOnlyList<Resource> resources, CancellationToken cancel)
    {
        // Empty: neither ASPNETCORE_URLS of the launch profile nor a host of its own signals may interfere.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRouting();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Use(AuthoriseAsync);
        Map(_app, resources);
        await _app.StartAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    async Task AuthoriseAsync(HttpContext context, RequestDelegate next)
    {
        var isByLink = IsToken(context.Request.Query["token"]);
        if (!isByLink && !IsToken(context.Request.Cookies[_cookie]))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("Open the URL that the AppHost printed.", context.RequestAborted);
            return;
        }
        context.Response.Headers.CacheControl = "no-store";
        if (isByLink)
            context.Response.Cookies.Append(_cookie, _token, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict });
        await next(context);
    }

    static void Map(WebApplication app, IReadOnlyList<Resource> resources)
    {
        Resource? Find(string name) => resources.FirstOrDefault(resource => resource.Spec.Name == name);

        app.MapGet("/", () => Results.Content(Html(), "text/html; charset=utf-8"));
        app.MapGet("/api/resources", () => Results.Json(resources.Select(View)));
        app.MapGet("/api/resources/{name}/log", (string name, int? lines) =>
            Find(name) is { } resource ? Results.Text(string.Join('\n', resource.Log.Tail(Math.Clamp(lines ?? 200, 1, 500)))) : Results.NotFound());
        app.MapPost("/api/resources/{name}/restart", (string name) =>
        {
            if (Find(name) is not { } resource)
                return Results.NotFound();
            resource.Restart();
            return Results.Accepted();
        });
    }

    static ResourceView View(Resource resource)
    {
        var status = resource.Status;
        return new ResourceView(
            resource.Spec.Name, status.Text, resource.Spec.Url, resource.Spec.Dashboard, status.Pid, status.Restarts);
    }

    static string Html()
    {
        using var page = Assembly.GetExecutingAssembly().GetManifestResourceStream("page.html")!;
        using var reader = new StreamReader(page);
        return reader.ReadToEnd();
    }

    bool IsToken(string? value) =>
        value is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(value), Encoding.UTF8.GetBytes(_token));

    sealed record ResourceView(string Name, string State, string? Url, string? Dashboard, int? Pid, int Restarts);
}
