using System.Text;

namespace OrleansDfs.AppHost.Local;

/// <summary>
/// The output of one resource: its last lines in memory, all of it in a file. Bounded: past <see cref="MaxFileBytes"/> the file becomes
/// <c>.log.1</c> and a new one begins, so that a resource takes twice that at most; a line is cut at <see cref="MaxLineLength"/>.
/// A full disk costs the file, never the resource.
/// </summary>
public sealed class ResourceLog : IDisposable
{
    public const int MaxFileBytes = 8 << 20;
    public const int MaxLineLength = 8 << 10;
    public const int LinesInMemory = 500;

    readonly Lock _gate = new();
    readonly Queue<string> _tail = new(LinesInMemory);
    readonly string _path;
    readonly int _maxFileBytes;
    readonly MemoryStream _pending = new();
    FileStream? _file;
    long _fileBytes;

    public ResourceLog(string path, int maxFileBytes = MaxFileBytes)
    {
        _path = path;
        _maxFileBytes = maxFileBytes;
        _file = Open();
    }

    /// <summary>Lines that came together: one write to the file.</summary>
    public void Add(params ReadOnlySpan<string> lines)
    {
        lock (_gate)
        {
            foreach (var given in lines)
            {
                var line = given.Length > MaxLineLength ? string.Concat(given.AsSpan(0, MaxLineLength), "…") : given;
                if (_tail.Count == LinesInMemory)
                    _tail.Dequeue();
                _tail.Enqueue(line);
                if (_file is not null)
                    _pending.Write(Encoding.UTF8.GetBytes(line + "\n"));
                if (_fileBytes + _pending.Length > _maxFileBytes)
                    Flush();
            }
            Flush();
        }
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> Tail(int lines)
    {
        lock (_gate)
            return [.. _tail.Skip(Math.Max(0, _tail.Count - lines))];
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    void Flush()
    {
        if (_file is null)
            return;
        try
        {
            _file.Write(_pending.GetBuffer().AsSpan(0, (int)_pending.Length));
            _file.Flush();
            _fileBytes += _pending.Length;
            if (_fileBytes > _maxFileBytes)
            {
                _file.Dispose();
                File.Move(_path, _path + ".1", overwrite: true);
                _file = Open();
            }
        }
        catch (IOException e)
        {
            _file?.Dispose();
            _file = null;
            _tail.Enqueue($"[launcher] {_path} is not written any more: {e.Message}");
        }
        _pending.SetLength(0);
    }

    FileStream Open()
    {
        var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _fileBytes = file.Length;
        return file;
    }
}
