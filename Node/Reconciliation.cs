using OrleansDfs.Model;

namespace OrleansDfs.Node;

/// <summary>What came of comparing an inventory with the catalog (P28).</summary>
/// <param name="Served">Files that are live and served.</param>
/// <param name="Kept">Copying or unverified: neither served nor deleted.</param>
/// <param name="Unknown">In quarantine.</param>
/// <param name="Deletable">Those of <paramref name="Unknown"/> that an earlier answer did not know either.</param>
public sealed record Reconciliation(int Served, int Kept, IReadOnlyList<ReplicaFile> Unknown, IReadOnlyList<ReplicaFile> Deletable);
