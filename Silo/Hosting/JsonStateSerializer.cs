using System.Text.Json;
using Orleans.Storage;

namespace OrleansDfs.Silo.Hosting;

/// <summary>Grain state as plain JSON. Orleans' default writes CLR type names into the rows, and then a class cannot be renamed.</summary>
public sealed class JsonStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span)!;
}
