using OrleansDfs.Gateway.Sse;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// What a bucket lays on every new version, taken from the bucket as the commit will find it: the commit is refused at any other revision (P17), so
/// it is asked anew whenever the bucket was loaded again.
/// </summary>
static class BucketDefaults
{
    /// <exception cref="S3Exception">
    /// OperationAborted: encryption became the default after these bytes were written in the clear; the client sends them again.
    /// </exception>
    public static FileProperties Apply(BucketInfo bucket, FileProperties properties)
    {
        if (properties.Encryption is null && bucket.Settings.ContainsKey(ObjectKeys.Setting)) throw new S3Exception(ErrorCode.OperationAborted);
        return properties with { DefaultRetention = ObjectLocks.Default(bucket) };
    }
}
