using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

public class ClusterEnvironmentTests
{
    static readonly ClusterPlan _plan = new(
        [new SiloPlan("silo1", 20001, 20002, 20003, 20004, "/data/nodes/silo1")],
        new GatewayPlan(9000, 20005),
        new Secrets("AK", "SK", "/data/cluster.secret", "test"));

    static readonly Dictionary<string, string> _given = new()
    {
        ["PATH"] = "/bin",
        ["OrleansDfs__Users__0__Name"] = "ann",
        ["OrleansDfs__Users__0__SecretKey"] = "ann's secret",
        ["OrleansDfs__LegacyBucketDefaults"] = "true",
        ["OrleansDfs__RootSecretKey"] = "given by mistake",
        ["OrleansDfs__Node__Directory"] = "one for all would be wrong",
    };

    [Fact]
    public void A_silo_gets_its_node_its_name_the_root_key_and_what_was_given() => Assert.Equal(
        new SortedDictionary<string, string>
        {
            ["Orleans__Name"] = "silo1",
            ["Orleans__Endpoints__AdvertisedIPAddress"] = "127.0.0.1",
            ["OrleansDfs__ClusterSecretFile"] = "/data/cluster.secret",
            ["OrleansDfs__LegacyBucketDefaults"] = "true",
            ["OrleansDfs__Node__Directory"] = "/data/nodes/silo1",
            ["OrleansDfs__Node__Domain"] = "silo1",
            ["OrleansDfs__Node__Endpoint"] = "127.0.0.1:20003",
            ["OrleansDfs__RootAccessKey"] = "AK",
            ["OrleansDfs__RootSecretKey"] = "SK",
            ["OrleansDfs__Users__0__Name"] = "ann",
            ["OrleansDfs__Users__0__SecretKey"] = "ann's secret",
        },
        new SortedDictionary<string, string>(ClusterEnvironment.Silo(_plan, _plan.Silos[0], _given)));

    [Fact]
    public void The_gateway_gets_no_secret_of_any_user()
    {
        var variables = ClusterEnvironment.Gateway(_plan, _given);
        Assert.Equal("20005", variables["OrleansDfs__Gateway__HealthPort"]);
        Assert.Equal("true", variables["OrleansDfs__LegacyBucketDefaults"]);
        Assert.Equal("/data/cluster.secret", variables["OrleansDfs__ClusterSecretFile"]);
        Assert.DoesNotContain(variables, variable => variable.Key.Contains("Users", StringComparison.Ordinal));
        Assert.DoesNotContain(variables, variable => variable.Key.Contains("Root", StringComparison.Ordinal));
    }

    [Fact]
    public void With_HTTPS_the_gateway_alone_gets_the_certificate()
    {
        var plan = _plan with { Gateway = _plan.Gateway with { Https = new HttpsPlan(9443, new DevelopmentCertificate("ca", "crt", "key")) } };
        Assert.Equal("http://127.0.0.1:9000;https://127.0.0.1:9443;http://127.0.0.1:20005", plan.Gateway.Urls);
        var variables = ClusterEnvironment.Gateway(plan, _given);
        Assert.Equal(("crt", "key"), (variables["Kestrel__Certificates__Default__Path"], variables["Kestrel__Certificates__Default__KeyPath"]));
        Assert.DoesNotContain(ClusterEnvironment.Gateway(_plan, _given).Keys, name => name.StartsWith("Kestrel", StringComparison.Ordinal));
        Assert.Equal(["a.test", "b.test", "c.test"], ClusterEnvironment.Domains(new Dictionary<string, string>
        {
            ["OrleansDfs__Domains"] = "A.test, b.test",
            ["OrleansDfs__Domains__0"] = "c.test",
            ["OrleansDfs__Other"] = "d.test",
        }));
    }

    [Theory]
    [InlineData("PATH", true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", true)]
    [InlineData("ORLEANSDFS_SECRET_KEY", false)]
    [InlineData("orleansdfs__RootSecretKey", false)]
    [InlineData("OrleansDfs__Users__0__SecretKey", false)]
    [InlineData("ConnectionStrings__catalog", false)]
    [InlineData("ASPNETCORE_URLS", false)]
    public void Children_inherit_what_is_the_machines_and_nothing_of_ours(string name, bool isInherited) =>
        Assert.Equal(isInherited, ClusterEnvironment.IsInherited(name));

    [Fact]
    public void A_silo_has_all_three_Orleans_providers_on_the_catalog_and_a_client_only_clustering()
    {
        var silo = ClusterEnvironment.Orleans("Npgsql", isSilo: true);
        foreach (var section in new[] { "Clustering", "GrainStorage__Default", "Reminders" })
        {
            Assert.Equal("AdoNet", silo[$"Orleans__{section}__ProviderType"]);
            Assert.Equal("Npgsql", silo[$"Orleans__{section}__Invariant"]);
            Assert.Equal("catalog", silo[$"Orleans__{section}__ConnectionName"]);
        }
        Assert.Equal(("orleansdfs", "orleansdfs"), (silo["Orleans__ClusterId"], silo["Orleans__ServiceId"]));

        var client = ClusterEnvironment.Orleans("System.Data.SQLite", isSilo: false);
        Assert.Equal("System.Data.SQLite", client["Orleans__Clustering__Invariant"]);
        Assert.DoesNotContain(client.Keys, key => key.Contains("Storage", StringComparison.Ordinal)
            || key.Contains("Reminders", StringComparison.Ordinal));
    }
}
