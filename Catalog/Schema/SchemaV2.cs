namespace OrleansDfs.Catalog.Schema;

/// <summary>What schema version 2 adds to version 1. Each statement must leave the rows of a running version 1 catalog as true as it found them.</summary>
internal static class SchemaV2
{
    public static readonly string[] Statements = [];
}
