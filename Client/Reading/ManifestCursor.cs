using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>The extent that holds a byte of a version, where it begins in the file, and where its chunk can be read.</summary>
internal readonly record struct ExtentPlace(Extent Extent, long FileOffset, IReadOnlyList<ReplicaAt> Replicas);

/// <summary>Walks a version's manifest forward, slice by slice; asks for a fresh slice when told that the present one leads nowhere (P22).</summary>
internal sealed class ManifestCursor
{
    private const int FewChunks = 8;

    private readonly ClusterGrains _grains;
    private readonly FileVersion _version;
    private ManifestPage _page = null!;
    private Dictionary<ChunkId, IReadOnlyList<ReplicaAt>>? _locations; // of a page with many chunks; few are looked through
    private int _index;
    private long _offset; // in the file, of the extent at _index

    public ManifestCursor(ClusterGrains grains, FileVersion version, ManifestPage first)
    {
        _grains = grains;
        _version = version;
        Use(first);
    }

    public async ValueTask<ExtentPlace> FindAsync(long position, CancellationToken cancellation)
    {
        if (position < _offset) await ReloadAsync(position, cancellation);
        while (true)
        {
            for (; _index < _page.Extents.Count; _index++)
            {
                var extent = _page.Extents[_index];
                if (position < _offset + extent.Length)
                    return new ExtentPlace(extent, _offset, LocationsOf(extent.Chunk));
                _offset += extent.Length;
            }
            if (_page.Complete)
                throw new InvalidDataException($"The manifest of {_version.Key} {_version.Version} ends at {_offset}, before {position}.");
            await ReloadAsync(position, cancellation);
        }
    }

    /// <summary>A fresh slice from this byte of the file on.</summary>
    public async Task ReloadAsync(long position, CancellationToken cancellation)
    {
        var result = await AskAsync(position, cancellation);
        if (result is not { Status: DfsStatus.Ok, Manifest: { } page })
            throw new DfsException(result.Status, $"The manifest of {_version.Key} {_version.Version} is not to be had: {result.Status}.");
        if (page.Offset > position || page.Extents.Count == 0)
            throw new InvalidDataException(
                $"The manifest of {_version.Key} {_version.Version} from {position} on begins at {page.Offset} with {page.Extents.Count} extents.");
        Use(page);
    }

    private Task<ManifestResult> AskAsync(long position, CancellationToken cancellation) => _grains.ReadAsync(
        () => _grains.File(_version.BucketId, _version.Key).Manifest(new ReadManifest(_version.Version, position), cancellation), cancellation);

    private void Use(ManifestPage page)
    {
        _page = page;
        _index = 0;
        _offset = page.Offset;
        _locations = page.Locations.Count > FewChunks ? page.Locations.ToDictionary(l => l.Chunk, l => l.Replicas) : null;
    }

    private IReadOnlyList<ReplicaAt> LocationsOf(ChunkId chunk)
    {
        if (_locations is not null) return _locations.GetValueOrDefault(chunk, []);
        for (var i = 0; i < _page.Locations.Count; i++)
            if (_page.Locations[i].Chunk == chunk) return _page.Locations[i].Replicas;
        return [];
    }
}
