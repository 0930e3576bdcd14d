using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// PostgreSQL in a container, for the local launcher (under Aspire the PostgreSQL integration does it). The container is removed when it
/// stops; the data is in a volume named after the data folder, so that two folders never share a database.
/// </summary>
public sealed class PostgresContainer
{
    /// <summary>Pinned to a major version: a newer one does not read the volume of an older.</summary>
    public const string Tag = "17";

    public const string Image = "docker.io/library/postgres:" + Tag;

    readonly ContainerRuntime _runtime;
    readonly string _password;
    readonly string _name;

    PostgresContainer(ContainerRuntime runtime, string password, string name, int port)
    {
        _runtime = runtime;
        _password = password;
        _name = name;
        Port = port;
    }

    public int Port { get; }

    public string Description => $"{Image} in {Path.GetFileName(_runtime.Program)}";

    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={Port};Username={PrivatePostgres.Role};Password={_password};Database={PrivatePostgres.Database}");

    /// <summary>In the foreground: the client passes SIGINT on, which is PostgreSQL's fast shutdown, and ends with the container.</summary>
    public IReadOnlyList<string> Command =>
    [
        _runtime.Program, "run", "--rm", "--name", _name, "--volume", $"{_name}:/var/lib/postgresql/data",
        "--publish", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}:5432"),
        // The values come from the client's environment, where ps does not show them.
        "--env", "POSTGRES_USER", "--env", "POSTGRES_PASSWORD", "--env", "POSTGRES_DB",
        Image, "-c", "max_connections=200", "-c", "autovacuum_naptime=10s",
    ];

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["POSTGRES_USER"] = PrivatePostgres.Role,
        ["POSTGRES_PASSWORD"] = _password,
        ["POSTGRES_DB"] = PrivatePostgres.Database,
    };

    /// <summary>Fetches the image if need be, and removes the container that a killed AppHost left.</summary>
    /// <returns>The container, or the sentence that says why there is none.</returns>
    public static async Task<(PostgresContainer? Container, string? WhyNot)> PrepareAsync(
        DataFolder data, Ports ports, CancellationToken cancel)
    {
        if (await ContainerRuntime.FindAsync(cancel) is not { } runtime)
            return (null, "no container runtime (docker or podman) works here");
        var present = await Tool.RunAsync([runtime.Program, "image", "inspect", Image], TimeSpan.FromSeconds(10), cancel);
        if (!present.Succeeded)
        {
            var pull = await Tool.RunAsync([runtime.Program, "pull", Image], TimeSpan.FromMinutes(5), cancel);
            if (!pull.Succeeded)
                return (null, $"the image {Image} cannot be fetched ({pull.LastLine})");
        }
        var password = PostgresPassword.Of(data);
        var name = NameFor(data.Root);
        // Both answer with an error where no such container is left, which is the usual case. Stopped first, so that it ends cleanly.
        await Tool.RunAsync([runtime.Program, "stop", "--time", "20", name], TimeSpan.FromSeconds(40), cancel);
        await Tool.RunAsync([runtime.Program, "rm", "--force", name], TimeSpan.FromSeconds(20), cancel);
        return (new PostgresContainer(runtime, password, name, ports.Get(Ports.PostgresPort)), null);
    }

    /// <summary>Deletes the volume of a data folder, for <c>--fresh</c>.</summary>
    public static async Task DeleteAsync(DataFolder data, CancellationToken cancel)
    {
        if (await ContainerRuntime.FindAsync(cancel) is not { } runtime)
            return;
        var name = NameFor(data.Root);
        await Tool.RunAsync([runtime.Program, "rm", "--force", name], TimeSpan.FromSeconds(20), cancel);
        await Tool.RunAsync([runtime.Program, "volume", "rm", name], TimeSpan.FromSeconds(20), cancel);
    }

    /// <summary>A name that is the same at every start with the same folder: also the volume's under Aspire.</summary>
    public static string NameFor(string dataFolder) =>
        "orleansdfs-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..12];
}
