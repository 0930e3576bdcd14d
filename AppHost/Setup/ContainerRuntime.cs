namespace OrleansDfs.AppHost.Setup;

/// <summary>A container runtime that works, not only a client: <c>docker</c> without an engine is common.</summary>
/// <param name="Program">Full path of <c>docker</c> or <c>podman</c>.</param>
public sealed record ContainerRuntime(string Program)
{
    /// <summary>Asks as Aspire's DCP does: a listing of containers needs client and engine.</summary>
    public static async Task<ContainerRuntime?> FindAsync(CancellationToken cancel)
    {
        foreach (var name in new[] { "docker", "podman" })
        {
            if (Tool.OnPath(name) is { } program
                && (await Tool.RunAsync([program, "container", "ls", "-n", "1"], TimeSpan.FromSeconds(10), cancel)).Succeeded)
            {
                return new ContainerRuntime(program);
            }
        }
        return null;
    }
}
