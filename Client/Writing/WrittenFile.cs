using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>A body that is durable on every replica and not yet visible: what <c>FileGrain.Commit</c> or <c>UploadGrain.PutPart</c> takes.</summary>
/// <param name="Digests">Of the whole body; to be verified before the commit (DESIGN §3).</param>
public sealed record WrittenFile(WrittenBlob Blob, DigestValues Digests);
