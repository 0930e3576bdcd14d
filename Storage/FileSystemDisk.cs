namespace OrleansDfs.Storage;

/// <summary>Settings of a <see cref="FileSystemDisk"/>.</summary>
public sealed record FileSystemDiskOptions
{
    /// <summary>Threads that read and list.</summary>
    public int ReadThreads { get; init; } = 4;

    /// <summary>Threads that write and sync.</summary>
    public int WriteThreads { get; init; } = 4;

    /// <summary>Calls that may wait per kind before further callers wait (asynchronously) for room.</summary>
    public int QueueLength { get; init; } = 1024;
}

/// <summary>The real disk.</summary>
public static class FileSystemDisk
{
    /// <summary>A disk over <paramref name="folder"/>, which is made if needed.</summary>
    public static IDisk Open(string folder, FileSystemDiskOptions? options = null) => throw new NotImplementedException();
}
