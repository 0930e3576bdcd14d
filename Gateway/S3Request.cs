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
    BucketInfo? bucket, Backend backend, PostForm? form = null)
{
    /// <summary>Tries of one call when the bucket changes under it.</summary>
    const int BucketAttempts = 3;

    BucketInfo? _bucket = bucket;

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
    public IGrainFactory Grains => backend.Grains;
    public HttpResponse Response => http.Response;
    public CancellationToken Cancellation => http.RequestAborted;

    /// <summary>The bucket as it was authorised last. Only for operations on a bucket or file.</summary>
    public BucketInfo Bucket => _bucket ?? throw new InvalidOperationException($"{operation} has no bucket.");

    /// <summary>The name in the target, also where no such bucket exists.</summary>
    public BucketName BucketName => target.Bucket ?? throw new InvalidOperationException($"{operation} names no bucket.");

    public ObjectKey Key => target.Key ?? throw new InvalidOperationException($"{operation} names no key.");

    /// <summary>Owner of what this request writes into the bucket: the bucket's owner where ownership is enforced, else who writes.</summary>
    public string Owner => BucketOwnership.AllowsAcls(Bucket) ? Sender : Bucket.Owner;

    /// <summary>Name of who sent this; AWS's canonical id of "anonymous" where nobody signed.</summary>
    public string Sender => asked.Identity.User?.Name ?? "65a011a29cdf8ec533ec3d1ccaae921c";

    /// <summary>For operations that <see cref="Authorization.RequireUser"/> guards.</summary>
    public UserInfo User => asked.Identity.User ?? throw new InvalidOperationException("An anonymous request has no user.");

    /// <summary>Sets a header of the answer, as the protocol library's writers want it.</summary>
    public void Set(string name, string value) => http.Response.Headers[name] = value;

    /// <summary>The bucket as it is now, authorised again.</summary>
    public async Task<BucketInfo> Reload() => _bucket = await backend.Gate.Enter(asked, BucketName, fresh: true, Cancellation);

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
            of = await backend.Gate.Enter(needs, of.Name, fresh: true, Cancellation);
            if (ReferenceEquals(needs, asked)) _bucket = of; // what the answer tells of the bucket is then as new as what was done
        }
    }

    /// <summary>
    /// As <see cref="OnBucket{T}(Func{BucketInfo, Task{T}}, Func{T, DfsStatus})"/>, for calls that change nothing: they are sent again when a silo
    /// went away.
    /// </summary>
    public Task<T> ReadOnBucket<T>(Func<BucketInfo, Task<T>> read, Func<T, DfsStatus> status) =>
        OnBucket(Bucket, asked, of => TransientFailure.RetryRead(() => read(of)), status);

    /// <summary>Judges again with the version that was opened, where the decision depends on it: another may have come since the first look.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public void Confirm(FileVersion opened)
    {
        if (Authorization.NeedsFile(asked, Bucket)) Authorization.Require(asked, Bucket, opened);
    }

    /// <summary>The version that the client named with <c>versionId</c>, or the current one.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public VersionSelector Version => Versions.Parse(Query["versionId"]);
}

/// <summary>What handlers call: grains, the data path, and the settings.</summary>
sealed record Backend(IGrainFactory Grains, DfsConnections Connections, BucketGate Gate, BucketCache Buckets, GatewaySettings Settings,
    TimeProvider Time);
