using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using OrleansDfs.Abstractions;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Keys;

/// <summary>Makes and opens data keys on whatever silo is asked.</summary>
[StatelessWorker, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("key")]
public sealed class KeyGrain(MasterKeys keys, ILogger<KeyGrain> log) : Grain, IKeyGrain
{
    public Task<DataKey> New()
    {
        var key = RandomNumberGenerator.GetBytes(MasterKeys.KeySize);
        return Task.FromResult(new DataKey(DfsStatus.Ok, keys.Active, keys.Wrap(key), key));
    }

    public Task<DataKey> Open(string masterKey, byte[] wrapped)
    {
        if (keys.Unwrap(masterKey, wrapped) is { } key) return Task.FromResult(new DataKey(DfsStatus.Ok, masterKey, wrapped, key));
        log.LogError("A file is encrypted under master key '{MasterKey}', which this cluster cannot open: is its line missing from the key file?",
            masterKey);
        return Task.FromResult(new DataKey(DfsStatus.NotFound, masterKey, wrapped, []));
    }
}
