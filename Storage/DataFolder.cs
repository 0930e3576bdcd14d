using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>
/// What a data folder says about itself: <c>identity.json</c>, made once and never changed (P1), and the marker of a failed fsync (P9).
/// The identity is the first thing made in an empty folder, so chunk files without it are a folder that has lost it, and are not taken for a new
/// node.
/// </summary>
internal static class DataFolder
{
    private const string Chunks = "chunks";
    public const string Marker = "fsync-failed.txt";
    public const string ImportSuffix = ".import";
    private const string ChunkSuffix = ".chunk";
    private const string IdentityName = "identity.json";
    private const string IdentityTemporary = "identity.json.new";
    private const int MaxIdentityBytes = 4096;
    private const int Subfolders = 256;

    /// <summary>One of 256 subfolders: chunk ids come from a sequence, so their low byte spreads them evenly.</summary>
    private static string Subfolder(int index) => $"{Chunks}/{index:x2}";

    public static string Subfolder(ReplicaFile file) => Subfolder((byte)file.Chunk.Value);

    public static string Name(ReplicaFile file) =>
        string.Create(CultureInfo.InvariantCulture, $"{Subfolder(file)}/{file.Chunk}.{file.Epoch}{ChunkSuffix}");

    private static bool TryParse(string name, out ReplicaFile file)
    {
        file = default;
        if (!name.EndsWith(ChunkSuffix, StringComparison.Ordinal)) return false;
        var parts = name[..^ChunkSuffix.Length].Split('.');
        if (parts.Length != 2 || parts[0].Length != 16) return false;
        if (!long.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var chunk)) return false;
        if (!long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var epoch)) return false;
        file = new ReplicaFile(new ChunkId(chunk), epoch);
        return true;
    }

    /// <summary>The node id in the folder, or a new one in an empty folder.</summary>
    public static async ValueTask<NodeId> LoadOrMakeIdentityAsync(IDisk disk, Guid cluster)
    {
        var read = await ReadSmallAsync(disk, IdentityName);
        if (read.Error == DiskError.NotFound) return await MakeIdentityAsync(disk, cluster);
        if (read.Error != DiskError.None)
            throw new DataFolderException($"{IdentityName} in data folder {disk.Description} cannot be read: the disk answers {read.Error}.");
        Identity? identity = null;
        try
        {
            identity = JsonSerializer.Deserialize<Identity>(read.Value);
        }
        catch (JsonException error)
        {
            throw new DataFolderException(
                $"{IdentityName} in data folder {disk.Description} is not readable as JSON; restore it or use an empty folder.", error);
        }
        if (identity is null || identity.Format <= 0 || identity.Node == Guid.Empty)
            throw new DataFolderException($"{IdentityName} in data folder {disk.Description} names no node; restore it or use an empty folder.");
        if (identity.Format > Format.Version)
            throw new DataFolderException(
                $"Data folder {disk.Description} has format {identity.Format}; this program reads up to {Format.Version}: start a newer program.");
        if (identity.Cluster != cluster)
            throw new DataFolderException(
                $"Data folder {disk.Description} belongs to cluster {identity.Cluster:N}, not to {cluster:N}: give this node a folder of its own.");
        return new NodeId(identity.Node);
    }

    /// <summary>Writes a small file so that after a crash it is either whole or not there (I4).</summary>
    public static async ValueTask<DiskError> WriteSmallAsync(IDisk disk, string name, string temporary, ReadOnlyMemory<byte> content)
    {
        var error = await disk.DeleteAsync(temporary);
        if (error is not (DiskError.None or DiskError.NotFound)) return error;
        var opened = await disk.OpenAsync(temporary, DiskOpen.CreateNew);
        if (opened.Error != DiskError.None) return opened.Error;
        using (opened.Value)
        {
            error = await opened.Value.WriteAsync(0, [content]);
            if (error == DiskError.None) error = await opened.Value.SyncAsync();
        }
        if (error == DiskError.None) error = await disk.RenameAsync(temporary, name);
        return error == DiskError.None ? await disk.SyncFolderAsync("") : error;
    }

    /// <summary>The marker's text, or null. A marker that is there and cannot be read counts.</summary>
    public static async ValueTask<string?> ReadMarkerAsync(IDisk disk)
    {
        var read = await ReadSmallAsync(disk, Marker);
        if (read.Error == DiskError.NotFound) return null;
        return read.Error == DiskError.None ? Encoding.UTF8.GetString(read.Value) : $"The marker {Marker} cannot be read.";
    }

    /// <summary>All chunk files with their lengths on disk; makes the subfolders that are missing.</summary>
    /// <param name="deleteLeftovers">Delete what a repair that a crash cut short has left (<see cref="ChunkImport"/>).</param>
    public static async IAsyncEnumerable<(ReplicaFile File, long Length)> ListChunksAsync(IDisk disk, bool deleteLeftovers)
    {
        await MakeSubfoldersAsync(disk);
        for (var i = 0; i < Subfolders; i++)
        {
            foreach (var entry in (await ListAsync(disk, Subfolder(i))).Where(e => !e.IsFolder))
            {
                if (TryParse(entry.Name, out var file)) yield return (file, entry.Length);
                else if (deleteLeftovers && entry.Name.EndsWith(ImportSuffix, StringComparison.Ordinal))
                    await disk.DeleteAsync($"{Subfolder(i)}/{entry.Name}");
            }
        }
    }

    /// <summary>Durably, and all at first start, so that a create has one folder to sync.</summary>
    private static async ValueTask MakeSubfoldersAsync(IDisk disk)
    {
        var error = await disk.CreateFolderAsync(Chunks);
        if (error == DiskError.None)
        {
            var present = (await ListAsync(disk, Chunks)).Select(e => e.Name).ToHashSet();
            if (present.Count >= Subfolders) return;
            for (var i = 0; i < Subfolders && error == DiskError.None; i++) error = await disk.CreateFolderAsync(Subfolder(i));
            if (error == DiskError.None) error = await disk.SyncFolderAsync(Chunks);
            if (error == DiskError.None) error = await disk.SyncFolderAsync("");
        }
        if (error != DiskError.None) throw new DataFolderException($"Data folder {disk.Description} cannot be written: the disk answers {error}.");
    }

    private static async ValueTask<IReadOnlyList<DiskEntry>> ListAsync(IDisk disk, string folder)
    {
        var list = await disk.ListAsync(folder);
        if (list.Error == DiskError.None) return list.Value;
        throw new DataFolderException($"Folder '{folder}' in data folder {disk.Description} cannot be listed: the disk answers {list.Error}.");
    }

    private static async ValueTask<NodeId> MakeIdentityAsync(IDisk disk, Guid cluster)
    {
        if ((await ListAsync(disk, "")).Any(e => e.Name == Chunks))
            throw new DataFolderException(
                $"Data folder {disk.Description} holds chunks but no {IdentityName}: restore that file or use an empty folder.");
        var node = NodeId.New();
        var content = JsonSerializer.SerializeToUtf8Bytes(new Identity(Format.Version, node.Value, cluster));
        var error = await WriteSmallAsync(disk, IdentityName, IdentityTemporary, content);
        if (error != DiskError.None) throw new DataFolderException($"Data folder {disk.Description} cannot be written: the disk answers {error}.");
        return node;
    }

    private static async ValueTask<DiskResult<byte[]>> ReadSmallAsync(IDisk disk, string name)
    {
        var opened = await disk.OpenAsync(name, DiskOpen.Read);
        if (opened.Error != DiskError.None) return new(opened.Error, []);
        using var file = opened.Value;
        var buffer = new byte[MaxIdentityBytes];
        var read = await file.ReadAsync(0, buffer);
        return new(read.Error, buffer[..read.Value]);
    }

    private sealed record Identity(int Format, Guid Node, Guid Cluster);
}
