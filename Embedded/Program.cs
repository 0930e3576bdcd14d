using System.Globalization;
using OrleansDfs.Embedded;
using OrleansDfs.Silo;

const string Usage = """
    Usage: dotnet run --project Embedded -- DIR [--port N] [--address A]

      DIR          the folder for everything the server keeps; made if missing
      --port N     S3 port, 9000 if not given
      --address A  address to listen on, 127.0.0.1 if not given

    Environment: ORLEANSDFS_ACCESS_KEY and ORLEANSDFS_SECRET_KEY give the root key; else one is drawn and kept in DIR/root.env.
    """;

if (Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(Usage);
    return 2;
}
try
{
    await using var server = await EmbeddedServer.StartAsync(options);
    Console.WriteLine($"""

        S3 is served on {server.Endpoint}
          export AWS_ACCESS_KEY_ID={server.AccessKey} AWS_SECRET_ACCESS_KEY={server.SecretKey}
          export AWS_REGION=us-east-1 AWS_ENDPOINT_URL={server.Endpoint.ToString().TrimEnd('/')}
          aws s3 mb s3://photos

        """);
    await server.WaitForShutdownAsync();
    return 0;
}
catch (Exception e) when (e is SiloStartException or InvalidDataException or IOException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

static EmbeddedOptions? Parse(string[] args)
{
    string? directory = null;
    var port = 9000;
    var address = "127.0.0.1";
    for (var i = 0; i < args.Length; i++)
    {
        switch (args[i])
        {
            case "--port" when i + 1 < args.Length && int.TryParse(args[++i], NumberStyles.None, CultureInfo.InvariantCulture, out port)
                && port <= 65535:
                break;
            case "--address" when i + 1 < args.Length:
                address = args[++i];
                break;
            case var word when directory is null && !word.StartsWith('-'):
                directory = word;
                break;
            default:
                return null;
        }
    }
    var (access, secret) = (Environment.GetEnvironmentVariable("ORLEANSDFS_ACCESS_KEY"), Environment.GetEnvironmentVariable("ORLEANSDFS_SECRET_KEY"));
    return directory is null
        ? null : new EmbeddedOptions { Directory = directory, Port = port, Address = address, AccessKey = access, SecretKey = secret };
}
