using Microsoft.AspNetCore.Http.Features;
using OrleansDfs.Client;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Gateway.Admin;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// One S3 request from its first byte to its last (DESIGN §9): raw target → operation → signature → identity → authorisation → handler
/// (preconditions, body).
/// </summary>
/// <remarks>
/// Invariant: each stage takes what the one before returned, so nothing later can answer before something earlier has passed. No body byte is asked
/// for, and
/// no <c>100 Continue</c> sent, before the handler runs.
/// </remarks>
sealed class S3Endpoint(Backend backend, Authentication authentication, AdminEndpoint admin, RequestSlots slots, ILogger<S3Endpoint> logger)
{
    public async Task Handle(HttpContext http)
    {
        var log = new AccessLine(http, RequestId.New(), backend.Time);
        ErrorAnswers.SetCommonHeaders(http.Response, log.Id);
        if (slots.TryTake())
        {
            try
            {
                await Answer(http, log);
            }
            finally
            {
                slots.Return();
            }
            log.Write(logger);
            return;
        }
        // No line each: writing them would take the time of those that are worked on.
        if (slots.Unreported(backend.Time) is > 0 and var count) GatewayLog.Refused(logger, count, backend.Settings.MaxConcurrentRequests);
        await ErrorAnswers.Write(http, new S3Error(ErrorCode.SlowDown), log);
    }

    async Task Answer(HttpContext http, AccessLine log)
    {
        try
        {
            await Run(http, log);
        }
        catch (Exception e) when (Classify(http, e) is { } error)
        {
            if (error.Code == ErrorCode.InternalError) GatewayLog.Unexpected(logger, e, log.Id, log.Operation);
            else if (error.Code.Status >= 500) GatewayLog.Unavailable(logger, log.Id, log.Operation, e.Message);
            await ErrorAnswers.Write(http, error, log);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            log.Note = "client went away";
        }
    }

    async Task Run(HttpContext http, AccessLine log)
    {
        var rawTarget = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget; // Path has dot segments removed (S3.md §5)
        RequestLimits.CheckTarget(rawTarget);
        var headers = ReadHeaders(http.Request);
        RequestLimits.CheckHeaders(headers);
        var target = RequestTarget.Parse(rawTarget, headers["Host"] ?? "", backend.Settings.Domains);
        log.Target = target;
        if (target.IsAdmin)
        {
            await admin.Handle(http, target, headers, log);
            return;
        }
        var operation = OperationMatcher.Match(http.Request.Method, target, headers);
        log.Operation = operation.Name;
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            await CrossOrigin.Preflight(http, target, headers, backend.Buckets);
            return;
        }
        await CrossOrigin.Announce(http, target, headers, backend.Buckets);
        var request = operation == Handlers.PostObject
            ? await AuthoriseForm(http, log, target, operation, headers)
            : await AuthoriseHead(http, log, target, operation, headers);
        var handler = Handlers.Of(operation) ?? throw OperationMatcher.NotBuilt(operation);
        RequireDocumentMode(operation, headers);
        try
        {
            await handler(request);
        }
        catch (S3Exception missing) when (Hides(request, missing.Error))
        {
            http.Response.Headers.Remove("x-amz-delete-marker");
            http.Response.Headers.Remove("x-amz-version-id");
            throw Authorization.Denied(operation);
        }
    }

    /// <summary>
    /// Who may not list a bucket is not told which keys it has (S3.md §6). An error with details is about another key: a copy's source.
    /// </summary>
    static bool Hides(S3Request request, S3Error error) =>
        request.Target.Key is not null && error.Details.Count == 0 && (error.Code == ErrorCode.NoSuchKey || error.Code == ErrorCode.NoSuchVersion)
        && !Authorization.Allows(request.Asked.ToList(), request.Bucket, null);

    async ValueTask<S3Request> AuthoriseHead(HttpContext http, AccessLine log, RequestTarget target, Operation operation, RequestHeaders headers)
    {
        var identity = await authentication.Identify(http, target, headers);
        log.User = identity.User?.Name;
        return await Authorise(http, log.Id, target, operation, headers, identity);
    }

    /// <summary>
    /// The one request whose body is begun before it is known who sent it: at most <see cref="MultipartForm.MaxBytes"/>, for the signature is there.
    /// </summary>
    async ValueTask<S3Request> AuthoriseForm(HttpContext http, AccessLine log, RequestTarget target, Operation operation, RequestHeaders headers)
    {
        var form = await PostForm.Read(http, target, headers);
        var (identity, policy) = await authentication.Identify(http, form.Fields, target.Bucket!.Value);
        log.User = identity.User?.Name;
        var named = target.WithKey(Keys.Parse(form.Fields.Key));
        log.Target = named;
        return await Authorise(http, log.Id, named, operation, form.ReadHeaders(headers), identity, form.Under(policy));
    }

    async ValueTask<S3Request> Authorise(
        HttpContext http, string id, RequestTarget target, Operation operation, RequestHeaders headers, Identity identity, PostForm? form = null)
    {
        var facts = new RequestFacts(http, headers, target.Query, identity, backend.Time);
        var version = target.Key is not null && target.Query["versionId"] is { Length: > 0 } named ? named : null;
        var asked = new AccessRequest(identity, facts, operation, target.Key, version);
        if (target.Bucket is not { } name || operation == Handlers.CreateBucket)
        {
            Authorization.RequireOnService(asked, target.Bucket);
            return new S3Request(http, id, target, operation, headers, asked, null, backend);
        }
        var entered = await backend.Gate.Enter(asked, name, fresh: false, http.RequestAborted);
        BucketGate.CheckExpectedOwner(entered.Bucket, headers["x-amz-expected-bucket-owner"]);
        return new S3Request(http, id, target, operation, headers, asked, entered, backend, form);
    }

    /// <summary>Only objects and parts come in unsigned chunks with a trailer.</summary>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    static void RequireDocumentMode(Operation operation, RequestHeaders headers)
    {
        if (headers["x-amz-content-sha256"] != PayloadModes.UnsignedChunksTrailer || operation.Name is "PutObject" or "UploadPart") return;
        throw new S3Exception(ErrorCode.InvalidRequest, $"{PayloadModes.UnsignedChunksTrailer} is not supported for {operation.Name}.");
    }

    static RequestHeaders ReadHeaders(HttpRequest request)
    {
        var headers = new RequestHeaders(request.Headers.Count);
        foreach (var (name, values) in request.Headers)
            foreach (var value in values)
                headers.Add(name, value ?? "");
        return headers;
    }

    /// <summary>What the client is told of an exception; <c>null</c> when nobody is there to be told.</summary>
    static S3Error? Classify(HttpContext http, Exception exception) => exception switch
    {
        S3Exception refused => refused.Error,
        DfsException failed => failed.Status.ToException().Error,
        _ when http.RequestAborted.IsCancellationRequested => null,
        // Kestrel's own word on a body: cut short, or its chunked framing broken.
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new S3Error(ErrorCode.RequestTimeout),
        BadHttpRequestException => new S3Error(ErrorCode.IncompleteBody),
        // No silo, a silo that went away, or one that is too busy. A commit among them has an unknown outcome; it is not sent again (P18).
        _ when TransientFailure.Is(exception) => new S3Error(ErrorCode.ServiceUnavailable),
        _ => new S3Error(ErrorCode.InternalError),
    };
}
