namespace OrleansDfs.Cli.Tests;

public sealed class ConnectionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("odfs-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_data_folder_tells_how_to_reach_its_cluster()
    {
        Write("client.json", """{ "Orleans:Clustering:ProviderType": "AdoNet", "ConnectionStrings": { "catalog": "Host=here" } }""");

        var settings = Connection.Settings(new Source(_folder.FullName, null));

        Assert.Equal("Host=here", settings["ConnectionStrings:catalog"]);
    }

    [Fact]
    public void A_folder_without_a_cluster_says_what_to_do()
    {
        var failure = Assert.Throws<ConnectionException>(() => Connection.Settings(new Source(_folder.FullName, null)));
        Assert.Contains("dotnet run --project AppHost", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_settings_file_must_be_there_be_readable_and_name_a_cluster()
    {
        Assert.Contains("There is no file", Failure("missing.json"), StringComparison.Ordinal);
        Write("bad.json", "{");
        Assert.Contains("cannot be read", Failure("bad.json"), StringComparison.Ordinal);
        Write("empty.json", "{}");
        Assert.Contains("names no cluster", Failure("empty.json"), StringComparison.Ordinal);
    }

    private string Failure(string name) => Assert.Throws<ConnectionException>(
        () => Connection.Settings(new Source(_folder.FullName, Path.Combine(_folder.FullName, name)))).Message;

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);
}
