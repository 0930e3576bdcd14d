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
    FileStream? _file;

    public ResourceLog(string path, int maxFileBytes = MaxFileBytes)
    {
        _path = path;
        _maxFileBytes = maxFileBytes;
        _file = Open();
    }

    public void Add(string line)
    {
        if (line.Length > MaxLineLength)
            line = string.Concat(line.AsSpan(0, MaxLineLength), "…");
        lock (_gate)
        {
            if (_tail.Count == LinesInMemory)
                _tail.Dequeue();
            _tail.Enqueue(line);
            Write(line);
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

    void Write(string line)
    {
        if (_file is null)
            return;
        try
        {
            if (_file.Length > _maxFileBytes)
            {
                _file.Dispose();
                File.Move(_path, _path + ".1", overwrite: true);
                _file = Open();
            }
            _file!.Write(Encoding.UTF8.GetBytes(line + "\n"));
            _file.Flush();
        }
        catch (IOException e)
        {
            _file?.Dispose();
            _file = null;
            _tail.Enqueue($"[launcher] {_path} is not written any more: {e.Message}");
        }
    }

    FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
