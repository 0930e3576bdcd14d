using System.Runtime.CompilerServices;
using System.Text;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// The policy of a bucket, kept in its settings as it was put. Read once for each loaded bucket: a changed policy comes with another one (DESIGN §9).
/// </summary>
static class BucketPolicy
{
    public const string Setting = "policy";

    static readonly ConditionalWeakTable<BucketInfo, PolicyDocument> _parsed = [];

    public static PolicyDocument? Of(BucketInfo bucket) => bucket.Settings.TryGetValue(Setting, out var json)
        ? _parsed.GetValue(bucket, of => PolicyDocument.Parse(Encoding.UTF8.GetBytes(json), of.Name.Value))
        : null;
}
