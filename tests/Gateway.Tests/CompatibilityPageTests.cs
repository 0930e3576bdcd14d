using System.Reflection;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Tests;

/// <summary>
/// <c>docs/s3-compatibility.md</c> says of every operation what the gateway does: no operation is forgotten, none is said to work that has no
/// handler.
/// </summary>
public class CompatibilityPageTests
{
    static readonly string _root = typeof(CompatibilityPageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!;

    static readonly Dictionary<string, (string State, string Notes)> _page = File.ReadLines(Path.Combine(_root, "docs", "s3-compatibility.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| operation", StringComparison.Ordinal))
        .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[0], cells => (cells[1], cells[2]));

    [Fact]
    public void It_names_the_operations_of_the_table_and_no_others() =>
        Assert.Equal(OperationTable.All.Select(o => o.Name).Order(StringComparer.Ordinal), _page.Keys.Order(StringComparer.Ordinal));

    public static TheoryData<string> Names => [.. OperationTable.All.Select(o => o.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_state_is_the_gateways(string name)
    {
        var operation = OperationTable.Named(name);
        var (state, notes) = _page[name];
        if (operation.AliasOf is { } other) Assert.Equal(("alias", "of " + other), (state, notes));
        else if (!Handlers.IsBuilt(operation)) Assert.Equal(("not implemented", ""), (state, notes));
        else if (state != "works") Assert.True(state == "partly" && notes.Length > 0, $"{name} is built; the page says '{state}' and '{notes}'.");
    }
}
