using System.Reflection;

namespace OrleansDfs.AppHost.Setup;

/// <summary>Paths that the build wrote into this assembly as AssemblyMetadata.</summary>
static class BuildPaths
{
    /// <summary>The folder of the solution, or null where the assembly was moved to a machine without it.</summary>
    public static string? Solution => Directory.Exists(Get("Solution")) ? Get("Solution") : null;

    /// <summary>The path embedded under that name.</summary>
    public static string Get(string name) =>
        typeof(BuildPaths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "OrleansDfs." + name)?.Value
        ?? throw new InvalidOperationException($"The build wrote no path of '{name}' into this assembly.");
}
