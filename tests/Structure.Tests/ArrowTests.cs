using System.Reflection;

namespace OrleansDfs.Structure.Tests;

/// <summary>
/// Who may know whom (ARCHITECTURE.md, "Folders and arrows"), read from the compiled assemblies: an arrow drawn by accident shows here, not in a
/// review.
/// </summary>
public class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Model"] = [],
        ["S3"] = ["Model"],
        ["Storage"] = ["Model"],
        ["Replication"] = ["Model"],
        ["Catalog"] = ["Model"],
        ["Abstractions"] = ["Model"],
        ["Node"] = ["Storage", "Replication", "Model"],
        ["Client"] = ["Abstractions", "Replication", "Model"],
        ["ServiceDefaults"] = [],
        ["Silo"] = ["Abstractions", "Node", "Catalog", "ServiceDefaults", "Storage", "Replication", "Model"],
        ["Gateway"] = ["S3", "Client", "ServiceDefaults", "Abstractions", "Model", "Replication"],
        ["Embedded"] = ["Silo", "Gateway", "Client", "Catalog", "ServiceDefaults", "Abstractions", "Model", "S3", "Node", "Storage", "Replication"],
    };

    /// <summary>Frameworks that must not reach below a line: a simulation runs these without a host.</summary>
    private static readonly string[] WithoutHost = ["Model", "S3", "Storage", "Replication", "Node", "Catalog"];

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_knows_only_what_its_row_allows(string project)
    {
        var known = References(project).Where(name => name.StartsWith("OrleansDfs.", StringComparison.Ordinal))
            .Select(name => name["OrleansDfs.".Length..]);
        Assert.Empty(known.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Neither_Orleans_nor_ASP_NET_reach_below_the_silo(string project)
    {
        if (!WithoutHost.Contains(project)) return;
        Assert.DoesNotContain(References(project), name => name.StartsWith("Orleans.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    /// <summary>And on the protocol library, which alone knows the grammar of policies: one is read before it is attached.</summary>
    [Fact]
    public void The_command_line_stands_on_the_client_library()
    {
        var references = Assembly.Load("odfs").GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => n.StartsWith("OrleansDfs.", StringComparison.Ordinal));
        Assert.Empty(references.Except(["OrleansDfs.Client", "OrleansDfs.Abstractions", "OrleansDfs.Model", "OrleansDfs.Replication",
            "OrleansDfs.S3"]));
    }

    private static IEnumerable<string> References(string project) =>
        Assembly.Load($"OrleansDfs.{project}").GetReferencedAssemblies().Select(a => a.Name!);
}
