using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// Which of the grains that all files share (<see cref="IFilesGrain"/>) a call goes to.
/// <list type="bullet">
/// <item>Few calls at a time go to one grain, so to one silo: they wake one process and not all, and meet in its batches of the catalog (a GET of 4
/// KiB
/// took half the processor time so). With more calls under way there are more grains, and with them silos. Which silo a grain is on, Orleans draws
/// for
/// each client.</item>
/// <item>A grain from which nothing at all is heard for <see cref="Silence"/>, with calls waiting, is on a silo that hangs and is not declared dead
/// yet: the
/// next calls go to other grains, and those that wait are told as at the loss of a connection (<see cref="SiloWatch"/>).</item>
/// </list>
/// A matter of speed and patience only: any of these grains serves any file, for the catalog decides (PROTOCOL P15, P20).
/// </summary>
internal sealed class SharedFiles
{
    /// <summary>So many calls meet in good batches; one grain's turns are far from a processor's work then.</summary>
    private const int CallsPerGrain = 32;

    /// <summary>Far longer than a busy silo goes without any answer, and well below what a death takes to be declared.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly IGrainFactory _factory;
    private readonly SiloWatch _watch;
    private readonly TimeProvider _time;
    private readonly Share?[] _shares = new Share?[GrainKeys.FilesGrains];
    private readonly ITimer _looking;
    private int _isLooking;
    private int _first;
    private int _underWay;

    public SharedFiles(IGrainFactory factory, SiloWatch watch, TimeProvider time)
    {
        (_factory, _watch, _time) = (factory, watch, time);
        _looking = time.CreateTimer(static files => ((SharedFiles)files!).LookForSilence(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public async Task<TResult> CallAsync<TArguments, TResult>(
        ObjectKey key, TArguments arguments, Func<IFilesGrain, ObjectKey, TArguments, Task<TResult>> call)
    {
        var share = Choose(key);
        Interlocked.Increment(ref _underWay);
        share.Begin(_time.GetTimestamp());
        BeginLooking();
        try
        {
            var result = await call(share.Grain, key, arguments);
            share.Heard(_time.GetTimestamp());
            return result;
        }
        finally
        {
            share.End();
            Interlocked.Decrement(ref _underWay);
        }
    }

    /// <summary>The grain that the next call for this key goes to.</summary>
    internal IFilesGrain Next(ObjectKey key) => Choose(key).Grain;

    private Share Choose(ObjectKey key)
    {
        var used = Used;
        var at = (int)((uint)(Volatile.Read(ref _first) + (int)((uint)key.GetHashCode() % (uint)used)) % GrainKeys.FilesGrains);
        // References never change; to make one costs as much as a part of the call.
        return Volatile.Read(ref _shares[at]) ?? Interlocked.CompareExchange(ref _shares[at], new Share(_factory.Files(at)), null) ?? _shares[at]!;
    }

    private int Used => Math.Min(1 + Volatile.Read(ref _underWay) / CallsPerGrain, GrainKeys.FilesGrains);

    private void BeginLooking()
    {
        if (Volatile.Read(ref _isLooking) == 0 && Interlocked.Exchange(ref _isLooking, 1) == 0) _looking.Change(Look, Timeout.InfiniteTimeSpan);
    }

    private void LookForSilence()
    {
        var silent = false;
        foreach (var share in _shares) silent |= share is not null && share.FallsSilent(_time);
        if (silent)
        {
            Interlocked.Add(ref _first, Used);
            _watch.Lost();
        }
        if (Volatile.Read(ref _underWay) > 0)
        {
            _looking.Change(Look, Timeout.InfiniteTimeSpan);
            return;
        }
        Interlocked.Exchange(ref _isLooking, 0);
        if (Volatile.Read(ref _underWay) > 0) BeginLooking(); // a call began just now and saw that somebody looks
    }

    private sealed class Share(IFilesGrain grain)
    {
        private int _underWay;
        private long _heardAt; // or when the first call after quiet began
        private bool _isSilent; // and is known to be: told once

        public IFilesGrain Grain => grain;

        public void Begin(long now)
        {
            if (Interlocked.Increment(ref _underWay) == 1) Heard(now);
        }

        public void Heard(long now)
        {
            Volatile.Write(ref _heardAt, now);
            Volatile.Write(ref _isSilent, false);
        }

        public void End() => Interlocked.Decrement(ref _underWay);

        public bool FallsSilent(TimeProvider time)
        {
            if (Volatile.Read(ref _underWay) == 0 || Volatile.Read(ref _isSilent)) return false;
            if (time.GetElapsedTime(Volatile.Read(ref _heardAt)) < Silence) return false;
            Volatile.Write(ref _isSilent, true);
            return true;
        }
    }
}
