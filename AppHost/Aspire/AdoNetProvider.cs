using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orleans;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Aspire;

/// <summary>
/// Orleans' ADO.NET providers on the catalog. Aspire's own <c>WithClustering(database)</c> derives the provider's name from the resource's type
/// ("PostgresDatabase"), which Orleans does not know.
/// </summary>
sealed class AdoNetProvider(IResourceBuilder<IResourceWithConnectionString> catalog, string invariant) : IProviderConfiguration
{
    public void ConfigureResource<T>(IResourceBuilder<T> resourceBuilder, string configSectionPath)
        where T : IResourceWithEnvironment
    {
        foreach (var (name, value) in ClusterEnvironment.Provider(configSectionPath, invariant))
            resourceBuilder.WithEnvironment(name, value);
        resourceBuilder.WithReference(catalog);
    }
}
