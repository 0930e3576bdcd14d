using OrleansDfs.Replication;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Node;

/// <summary>An answer; when it is with the kernel (or will never be) its buffer goes back and its room in the connection's bounds is free.</summary>
internal sealed class AnswerFrame(InFlightGate inFlight, int bytes, RecordBuffer? buffer) : OutgoingFrame
{
    public override void Sent()
    {
        buffer?.Dispose();
        inFlight.Leave(bytes);
    }
}
