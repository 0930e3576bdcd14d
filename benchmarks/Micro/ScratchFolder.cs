namespace OrleansDfs.Micro;

/// <summary>A new folder under the system's temporary one (TMPDIR), deleted in the end: the disk under test is the one it lies on.</summary>
sealed class ScratchFolder
{
    public string Path { get; } = Directory.CreateTempSubdirectory("odfs-micro-").FullName;

    public void Delete() => Directory.Delete(Path, recursive: true);
}
