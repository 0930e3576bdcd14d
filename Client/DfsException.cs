using OrleansDfs.Abstractions;

namespace OrleansDfs.Client;

/// <summary>An operation of the file system that did not succeed; <see cref="Status"/> says how it ended.</summary>
/// <remarks>With <see cref="DfsStatus.Unknown"/> a write may have happened: look before writing again (PROTOCOL P18). With every other status
/// nothing became visible.</remarks>
public sealed class DfsException : Exception
{
    public DfsException(DfsStatus status, string message)
        : base(message) => Status = status;

    public DfsException(DfsStatus status, string message, Exception? inner)
        : base(message, inner) => Status = status;

    public DfsStatus Status { get; }
}
