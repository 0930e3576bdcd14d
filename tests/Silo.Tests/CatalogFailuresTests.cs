using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using OrleansDfs.Catalog;
using OrleansDfs.Silo.Hosting;

namespace OrleansDfs.Silo.Tests;

/// <summary>Seen in a chaos run: a client got a CodecNotFoundException instead of "the database is away".</summary>
public class CatalogFailuresTests
{
    [Fact]
    public async Task An_exception_of_the_catalog_leaves_a_grain_as_one_that_every_caller_knows()
    {
        var filter = new CatalogFailures();
        var unavailable =
            await Assert.ThrowsAsync<OrleansException>(() => filter.Invoke(new Call(new CatalogUnavailableException("the database is away"))));
        Assert.Equal("the database is away", unavailable.Message);
        Assert.Null(unavailable.InnerException); // it would travel with it
        await Assert.ThrowsAsync<OrleansException>(() => filter.Invoke(new Call(new CatalogOutcomeUnknownException("lost at COMMIT"))));
        await Assert.ThrowsAsync<ArgumentException>(() => filter.Invoke(new Call(new ArgumentException("a bug stays a bug"))));
        await filter.Invoke(new Call(null));
    }

    private sealed class Call(Exception? failure) : IIncomingGrainCallContext
    {
        public Task Invoke() => failure is null ? Task.CompletedTask : Task.FromException(failure);

        public IGrainContext TargetContext => throw new NotSupportedException();
        public MethodInfo ImplementationMethod => throw new NotSupportedException();
        public IInvokable Request => throw new NotSupportedException();
        public object Grain => throw new NotSupportedException();
        public GrainId? SourceId => throw new NotSupportedException();
        public GrainId TargetId => throw new NotSupportedException();
        public GrainInterfaceType InterfaceType => throw new NotSupportedException();
        public string InterfaceName => throw new NotSupportedException();
        public string MethodName => throw new NotSupportedException();
        public MethodInfo InterfaceMethod => throw new NotSupportedException();
        public object? Result { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public Response? Response { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    }
}
