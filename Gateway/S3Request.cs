using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;
using VersionSelector = OrleansDfs.Abstractions.VersionSelector;

namespace OrleansDfs.Gateway;

/// <summary>
/// One request after signature and authorisation: all that a handler works on. Nothing in it is unverified: every <c>x-amz-*</c> header, the query
/// and
/// the target are covered by the signature.
/// </summary>
sealed class S3Request(HttpContext http, string id, RequestTarget target, Operation operation, RequestHeaders headers, AccessRequest asked,
    Entered? entered, Backend backend, PostForm? form = null)
{
    /// <summary>
    /// Tries of one call when the bucket changes under it. Each failure means that somebody else's change was made, so this many may change a bucket
    /// at once before one is told to come again (OperationAborted).
    /// </summary>
    public const int BucketAttempts = 32;

    /// <summary>Tries of a change of a version while others change it.</summary>
    const int ChangeAttempts = 10;

    Entered? _entered = entered;

    public HttpContext Http => http;
    public string Id => id;
    public RequestTarget Target => target;
    public Operation Operation => operation;
    public QueryParameters Query => target.Query;
    public RequestHeaders Headers => headers;
    public Identity Identity => asked.Identity;

    /// <summary>What was authorised.</summary>
    public AccessRequest Asked => asked;

    /// <summary>The browser form, for PostObject only. Target and headers are then what the form says.</summary>
    public PostForm Form => form ?? throw new InvalidOperationException($"{operation} has no form.");

    public Backend Backend => backend;
    public ClusterGrains Grains => backend.Grains;
    public HttpResponse Response => http.Response;
    public CancellationToken Cancellation => http.RequestAborted;

    /// <summary>The bucket as it was authorised last. Only for operations on a bucket or file.</summary>
    public BucketInfo Bucket => _entered?.Bucket ?? throw new InvalidOperationException($"{operation} has no bucket.");

    /// <summary>The name in the target, also where no such bucket exists.</summary>
    public BucketName BucketName => target.Bucket ?? throw new InvalidOperationException($"{operation} names no bucket.");

    public ObjectKey Key => target.Key ?? throw new InvalidOperationException($"{operation} names no key.");

    /// <summary>Name of who sent this; AWS's canonical id of "anonymous" where nobody signed.</summary>
    public string Sender => asked.Identity.User?.Name ?? Grantee.AnonymousId;

    /// <summary>For operations that <see cref="Authorization.RequireUser"/> guards.</summary>
    public UserInfo User => asked.Identity.User ?? throw new InvalidOperationException("An anonymous request has no user.");

    /// <summary>Sets a header of the answer, as the protocol library's writers want it.</summary>
    public void Set(string name, string value) => http.Response.Headers[name] = value;

    /// <summary>The bucket as it is now, authorised again.</summary>
    public async Task<BucketInfo> Reload() => (_entered = await backend.Gate.Enter(asked, BucketName, fresh: true, Cancellation)).Bucket;

    /// <summary>
    /// Calls with the authorised bucket. If it has changed since (DESIGN §9), loads it, authorises again and calls again; a call that was answered
    /// so has
    /// done nothing.
    /// </summary>
    public Task<T> OnBucket<T>(Func<BucketInfo, Task<T>> call, Func<T, DfsStatus> status) => OnBucket(Bucket, asked, call, status);

    /// <inheritdoc cref="OnBucket{T}(Func{BucketInfo, Task{T}}, Func{T, DfsStatus})"/>
    /// <param name="of">A bucket that this request may use, such as a copy's source.</param>
    /// <param name="needs">What must be allowed there.</param>
    public async Task<T> OnBucket<T>(BucketInfo of, AccessRequest needs, Func<BucketInfo, Task<T>> call, Func<T, DfsStatus> status)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await call(of);
            if (status(result) is not (DfsStatus.BucketChanged or DfsStatus.NoSuchBucket) || attempt == BucketAttempts) return result;
            var again = await backend.Gate.Enter(needs, of.Name, fresh: true, Cancellation);
            of = again.Bucket;
            if (ReferenceEquals(needs, asked)) _entered = again; // what the answer tells of the bucket is then as new as what was done
        }
    }

    /// <summary>
    /// As <see cref="OnBucket{T}(Func{BucketInfo, Task{T}}, Func{T, DfsStatus})"/>, for calls that change nothing: they are sent again when a silo
    /// went away.
    /// </summary>
    public Task<T> ReadOnBucket<T>(Func<BucketInfo, Task<T>> read, Func<T, DfsStatus> status) =>
        OnBucket(Bucket, asked, of => backend.Grains.ReadAsync(() => read(of), Cancellation), status);

    /// <summary>The version that the request names, or the current one: exactly the one that was judged, where the decision depended on it.</summary>
    /// <exception cref="S3Exception">InvalidArgument for a version id that is none; AccessDenied.</exception>
    public async Task<OpenFileResult> OpenVersion()
    {
        _ = Version; // a bad id is told before anything is looked for
        (_entered, var opened) = await backend.Gate.Open(asked, _entered!, Cancellation);
        return opened;
    }

    /// <summary>
    /// Changes something about the version that the request names. Where the decision depended on the version, it is that one which changes, at the
    /// revision that was judged; if it is another by then, it is judged again.
    /// </summary>
    /// <param name="opens">The change needs the version: it is opened also where the decision did not depend on it.</param>
    /// <param name="change">With the version as opened, or <c>null</c>.</param>
    /// <returns>Also what opening answered, where that was no success.</returns>
    public async Task<CommitResult> ChangeVersion(bool opens, Func<BucketInfo, FileVersion?, JudgedVersion, Task<CommitResult>> change)
    {
        var selector = Version;
        for (var attempt = 1; ; attempt++)
        {
            if (opens) _entered = await OpenForChange();
            var judged = _entered!.Opened;
            if (judged is not null && judged.Status != DfsStatus.Ok) return new CommitResult(judged.Status, judged.Version);
            var result = judged?.Version is { } version
                ? await change(Bucket, version, new JudgedVersion(new VersionSelector(version.Version, false), version.Revision))
                : await change(Bucket, null, new JudgedVersion(selector, null));
            var isStale = result.Status is DfsStatus.BucketChanged or DfsStatus.NoSuchBucket
                || (judged is not null && result.Status is DfsStatus.Conflict or DfsStatus.NoSuchKey or DfsStatus.NoSuchVersion);
            if (!isStale || attempt == ChangeAttempts) return result;
            await Reload();
        }
    }

    /// <summary>Opened for the change's own sake counts as judged: the change is then of this version and no other.</summary>
    async Task<Entered> OpenForChange()
    {
        var (entered, opened) = await backend.Gate.Open(asked, _entered!, Cancellation);
        return entered with { Opened = opened };
    }

    /// <summary>The version that the client named with <c>versionId</c>, or the current one.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public VersionSelector Version => Versions.Parse(Query["versionId"]);
}

/// <summary>Which version a change is for.</summary>
/// <param name="Revision">The revision that it must still have; <c>null</c>: any.</param>
readonly record struct JudgedVersion(VersionSelector Selector, long? Revision);

/// <summary>What handlers call: grains, the data path, and the settings.</summary>
sealed record Backend(ClusterGrains Grains, DfsConnections Connections, BucketGate Gate, BucketCache Buckets, GatewaySettings Settings,
    TimeProvider Time);
