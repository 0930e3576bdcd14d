using System.Collections.Frozen;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>The one table from operations to what runs them. What is not here answers NotImplemented by its name.</summary>
static class Handlers
{
    public static readonly Operation CreateBucket = OperationTable.Named("CreateBucket");

    static readonly FrozenDictionary<Operation, Func<S3Request, Task>> _table = new Dictionary<string, Func<S3Request, Task>>
    {
    }.ToFrozenDictionary(entry => OperationTable.Named(entry.Key), entry => entry.Value);

    public static Func<S3Request, Task>? Of(Operation operation) => _table.GetValueOrDefault(operation);
}
