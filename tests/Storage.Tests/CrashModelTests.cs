using OrleansDfs.Model;
using Xunit.Sdk;

namespace OrleansDfs.Storage.Tests;

/// <summary>
/// Random operations on a store over a faulty disk, against a dictionary. Checked all the time: an acknowledged record is inside the valid prefix
/// after any crash and reads back as written (P7, P10); a prefix ends at a record's end and holds nothing that was not appended there (I6); nothing
/// that is not durable is read; files of before a start take no appends (P2). A failure names its seed; ORLEANSDFS_SEED=n runs that seed alone.
/// </summary>
public class CrashModelTests
{
    [Fact]
    public void Acknowledged_records_survive_any_crash()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("ORLEANSDFS_SEED"), out var only))
        {
            RunSeed(only, skipSync: false);
            return;
        }
        var fresh = Random.Shared.Next(1_000_000);
        foreach (var seed in Enumerable.Range(1, 25).Concat(Enumerable.Range(fresh, 15))) RunSeed(seed, skipSync: false);
    }

    /// <summary>Canary: the same run must go red when the disk's syncs do nothing.</summary>
    [Fact]
    public void Without_fsync_the_model_notices()
    {
        var noticed = 0;
        for (var seed = 1; seed <= 10; seed++)
        {
            try
            {
                RunSeed(seed, skipSync: true);
            }
            catch (XunitException)
            {
                noticed++;
            }
        }
        Assert.True(noticed >= 8, $"Only {noticed} of 10 runs without fsync failed.");
    }

    private static void RunSeed(int seed, bool skipSync)
    {
        try
        {
            SingleThread.Run(() => new Run(seed, skipSync).AllAsync());
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new XunitException($"Seed {seed}: {error}");
        }
    }

    private sealed class ModelFile
    {
        public List<byte[]> Appended { get; } = []; // every one accepted, in order; the file holds a prefix of them
        public List<Task<AppendOutcome>> Appends { get; } = []; // of each record, while the process that took it lives
        public List<Task<AppendOutcome>> Repeats { get; } = [];
        public bool Appendable { get; set; } = true;
        public long Promised { get; set; } = RecordLayout.ChunkHeaderSize; // acknowledged, or answered by a close

        public long End => Boundary(Appended.Count);

        public long Boundary(int count) => RecordLayout.ChunkHeaderSize + Appended.Take(count).Sum(r => (long)r.Length);

        public byte[] Bytes(ReplicaFile file)
        {
            var bytes = new byte[End];
            Format.WriteChunkHeader(bytes, Records.Cluster, file.Chunk);
            var at = RecordLayout.ChunkHeaderSize;
            foreach (var record in Appended)
            {
                record.CopyTo(bytes, at);
                at += record.Length;
            }
            return bytes;
        }
    }

    private sealed class Run(int seed, bool skipSync)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<ReplicaFile, ModelFile> _files = [];
        private MemoryDisk _disk = new() { SkipSync = skipSync, Deferred = true };
        private ChunkStore _store = null!;
        private long _nextChunk = 1;

        public async Task AllAsync()
        {
            _store = await ChunkStore.OpenAsync(_disk, Records.Cluster, new ChunkStoreOptions { MaxOpenFiles = 3 });
            for (var step = 0; step < 150; step++)
            {
                switch (_random.Next(100))
                {
                    case < 12: await CreateAsync(); break;
                    case < 50: Append(); break;
                    case < 55: RepeatAppend(); break;
                    case < 57: WrongAppend(); break;
                    case < 75: if (_disk.Waiting > 0) _disk.Complete(_random.Next(_disk.Waiting)); break;
                    case < 80: await CloseAsync(Any(_ => true)); break;
                    case < 90: await ReadAsync(); break;
                    case < 92: await TruncateAsync(); break;
                    case < 94: await DeleteAsync(); break;
                    case < 95: await FailSyncAsync(); break;
                    case < 97: await RestartAsync(_disk.CutPower(_random)); break;
                    default: await RestartAsync(_disk.Kill()); break;
                }
                NoteAcknowledged();
            }
            await RestartAsync(_disk.CutPower(_random));
            foreach (var file in _files.Keys) await CloseAsync(file);
        }

        private ReplicaFile? Any(Func<ModelFile, bool> which)
        {
            var fitting = _files.Where(f => which(f.Value)).Select(f => f.Key).ToList();
            return fitting.Count == 0 ? null : fitting[_random.Next(fitting.Count)];
        }

        private async Task CreateAsync()
        {
            var file = new ReplicaFile(new ChunkId(_nextChunk++), _random.Next(1, 4));
            Assert.Equal(StoreStatus.Done, await _store.CreateAsync(file));
            Assert.Equal(StoreStatus.Done, await _store.CreateAsync(file)); // P4: repeated, for example after a lost answer
            _files.Add(file, new ModelFile());
        }

        private void Append()
        {
            if (Any(_ => true) is not { } file) return;
            var model = _files[file];
            var record = Records.Placed(_random, file.Chunk, model.End, Records.Size(_random));
            var append = _store.AppendAsync(file, model.End, record).AsTask();
            if (!model.Appendable)
            {
                Assert.Equal(StoreStatus.Closed, Now(append)); // P2, P10
                return;
            }
            model.Appended.Add(record);
            model.Appends.Add(append);
        }

        private void RepeatAppend()
        {
            if (Any(m => m.Appendable && m.Appended.Count > 0) is not { } file) return;
            var model = _files[file];
            var which = _random.Next(model.Appended.Count);
            var repeat = _store.AppendAsync(file, model.Boundary(which), model.Appended[which].ToArray()).AsTask();
            Assert.Equal(model.Appends[which].IsCompleted, repeat.IsCompleted); // P6: done when durable, never before
            model.Repeats.Add(repeat);
        }

        private void WrongAppend()
        {
            if (Any(m => m.Appendable) is not { } file) return;
            var model = _files[file];
            var offset = _random.Next(2) == 0 ? model.End + 8 : RecordLayout.ChunkHeaderSize;
            if (offset == model.End) return;
            var other = _store.AppendAsync(file, offset, Records.Placed(_random, file.Chunk, offset, 3)).AsTask();
            Assert.Equal(StoreStatus.Refused, Now(other)); // P6
            model.Appendable = false;
        }

        private async Task CloseAsync(ReplicaFile? any)
        {
            if (any is not { } file) return;
            var model = _files[file];
            var close = _store.CloseAsync(file).AsTask();
            _disk.CompleteAll();
            var outcome = await close;
            NoteAcknowledged();
            Assert.Equal(StoreStatus.Done, outcome.Status);
            Assert.InRange(outcome.Length, model.Promised, model.End);
            Assert.Contains(outcome.Length, Enumerable.Range(0, model.Appended.Count + 1).Select(model.Boundary));
            model.Appendable = false;
            model.Promised = outcome.Length;
            var bytes = new byte[outcome.Length];
            Assert.Equal(StoreStatus.Done, (await _store.ReadAsync(file, 0, bytes)).Status);
            Assert.True(model.Bytes(file).AsSpan().StartsWith(bytes), "A valid prefix holds other bytes than were appended.");
            Assert.Equal(new VerifyOutcome(StoreStatus.Done, outcome.Length), await _store.VerifyAsync(file, outcome.Length));
        }

        private async Task ReadAsync()
        {
            if (Any(m => m.Appended.Count > 0) is not { } file) return;
            var model = _files[file];
            var offset = _random.NextInt64(model.Promised);
            var bytes = new byte[_random.NextInt64(1, model.Promised - offset + 1)];
            Assert.Equal(new ReadOutcome(StoreStatus.Done, bytes.Length), await _store.ReadAsync(file, offset, bytes));
            Assert.True(model.Bytes(file).AsSpan((int)offset, bytes.Length).SequenceEqual(bytes), "A read gave other bytes than were written.");
            if (model.Appendable) Assert.Equal(StoreStatus.Invalid, (await _store.ReadAsync(file, model.Promised, new byte[1])).Status);
        }

        private async Task TruncateAsync()
        {
            if (Any(m => !m.Appendable) is not { } file) return;
            await CloseAsync(file);
            var model = _files[file];
            var keep = _random.Next(model.Appended.Count + 1);
            if (model.Boundary(keep) > model.Promised) return;
            Assert.Equal(StoreStatus.Done, await _store.TruncateAsync(file, model.Boundary(keep)));
            model.Appended.RemoveRange(keep, model.Appended.Count - keep);
            model.Appends.Clear();
            model.Repeats.Clear();
            model.Promised = model.End;
        }

        private async Task DeleteAsync()
        {
            if (Any(_ => true) is not { } file) return;
            var delete = _store.DeleteAsync(file).AsTask();
            _disk.CompleteAll();
            Assert.Equal(StoreStatus.Done, await delete);
            _files.Remove(file);
            Assert.Equal(StoreStatus.Absent, (await _store.CloseAsync(file)).Status);
            Assert.Equal(StoreStatus.Closed, await _store.CreateAsync(file)); // P10
        }

        private async Task RestartAsync(MemoryDisk after)
        {
            NoteAcknowledged();
            foreach (var model in _files.Values)
            {
                model.Appendable = false; // P2
                model.Appends.Clear();
                model.Repeats.Clear();
            }
            _disk = after;
            _store = await ChunkStore.OpenAsync(_disk, Records.Cluster, new ChunkStoreOptions { MaxOpenFiles = 3 });
            Assert.Equal(_files.Keys.OrderBy(f => f.Chunk), _store.Inventory().Select(e => e.File).OrderBy(f => f.Chunk));
        }

        /// <summary>P9 and I3: one fsync fails; the disk says yes again afterwards, which must help nobody.</summary>
        private async Task FailSyncAsync()
        {
            if (Any(m => m.Appendable && m.Appends.Exists(a => !a.IsCompleted)) is not { } file) return;
            _disk.Fault = (call, name) => call == DiskCall.Sync && name == Records.Name(file) ? DiskError.Failed : DiskError.None;
            _disk.CompleteAll();
            _disk.Fault = null;
            Assert.Equal(StoreState.FsyncFailed, _store.State);
            Assert.Contains(_files[file].Appends, a => Now(a) == StoreStatus.IoError);
            foreach (var model in _files.Values)
            {
                model.Appends.RemoveAll(a => Now(a) == StoreStatus.IoError); // the file may hold the record or not
                model.Repeats.RemoveAll(a => Now(a) == StoreStatus.IoError);
            }
            Assert.Equal(StoreStatus.Damaged, (await _store.CloseAsync(file)).Status);
            await RestartAsync(_random.Next(2) == 0 ? _disk.Kill() : _disk.CutPower(_random));
            Assert.Equal(StoreState.FsyncFailed, _store.State);
            Assert.Equal(StoreStatus.Damaged, (await _store.CloseAsync(file)).Status);
            Assert.Equal(StoreStatus.Done, await _store.LiftFsyncMarkAsync());
        }

        private void NoteAcknowledged()
        {
            foreach (var model in _files.Values)
                foreach (var append in model.Appends.Concat(model.Repeats).Where(a => a.IsCompleted))
                {
                    var outcome = Outcome(append);
                    Assert.Equal(StoreStatus.Done, outcome.Status);
                    model.Promised = Math.Max(model.Promised, outcome.End);
                }
        }

        private static StoreStatus Now(Task<AppendOutcome> append)
        {
            Assert.True(append.IsCompleted);
            return Outcome(append).Status;
        }

#pragma warning disable xUnit1031 // completed already
        private static AppendOutcome Outcome(Task<AppendOutcome> append) => append.Result;
#pragma warning restore xUnit1031
    }
}
