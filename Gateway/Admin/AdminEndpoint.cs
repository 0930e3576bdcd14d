using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Admin;

/// <summary>
/// The admin API: users, keys and policies over HTTP (docs/admin-api.md), on the S3 port, by the same grain as <c>odfs</c>.
/// </summary>
/// <remarks>
/// Invariant: nothing is answered but "denied" before the signature holds and a policy, or being root, allows the action. The body is covered by the
/// signature: neither presigned links nor unsigned payloads are taken. Whom one may change is decided once more by the catalog.
/// </remarks>
sealed class AdminEndpoint(IGrainFactory grains, Authentication authentication, TimeProvider time, ILogger<AdminEndpoint> logger)
{
    /// <summary>Longest body in bytes: a policy of the longest kind and some air.</summary>
    const int MaxBody = 64 * 1024;

    /// <summary>A client that does not send its small body within this is given up.</summary>
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public async Task Handle(HttpContext http, RequestTarget target, RequestHeaders headers, AccessLine log)
    {
        log.Operation = "Admin";
        try
        {
            await Run(http, target, headers, log);
        }
        catch (AdminException refused)
        {
            await Refuse(http, log, refused.Status, refused.Code, refused.Message);
        }
        catch (S3Exception refused)
        {
            await Refuse(http, log, refused.Code.Status, refused.Code.Code, refused.Error.Message);
        }
        catch (Exception e) when (TransientFailure.Is(e))
        {
            GatewayLog.Unavailable(logger, log.Id, log.Operation, e.Message);
            var unknown = AdminException.Of(AccountStatus.Unknown);
            await Refuse(http, log, unknown.Status, unknown.Code, unknown.Message);
        }
    }

    async Task Run(HttpContext http, RequestTarget target, RequestHeaders headers, AccessLine log)
    {
        var identity = await authentication.Identify(http, target, headers);
        log.User = identity.User?.Name;
        if (identity is not { User: { } user, Signed: { Claim.IsPresigned: false } signed })
            throw new S3Exception(ErrorCode.AccessDenied, "The admin API takes requests signed with version 4 in the Authorization header.");
        var route = AdminRoute.Parse(http.Request.Method, target);
        var facts = new RequestFacts(http, headers, target.Query, identity, time);
        var body = await ReadBody(http, signed.PayloadHash);
        var create = route is { Action: "iam:CreateUser" } ? Read<AdminDocuments.NewUser>(body) : null;
        if (!user.IsRoot && (route is null || !Allows(identity, facts, route.Action, create?.Name ?? route.User)))
            throw new S3Exception(ErrorCode.AccessDenied, route is null ? null : $"Access Denied: {route.Action}");
        if (route is null) throw new AdminException(404, "NoSuchEntity", "There is no such method and path in the admin API.");
        log.Operation = route.Action;
        await Answer(http, new Call(grains.Accounts(), user.IsRoot ? null : user.Name, route, body, create));
    }

    static bool Allows(Identity identity, RequestFacts facts, string action, string user) =>
        identity.Policies.Decide(new PolicyRequest(identity.User!.Name, action, $"arn:aws:iam:::user/{user}", name => facts.Values(name, null)))
        == PolicyDecision.Allow;

    sealed record Call(IAccountGrain Accounts, string? Actor, AdminRoute Route, byte[] Body, AdminDocuments.NewUser? NewUser);

    static async Task Answer(HttpContext http, Call call)
    {
        var (accounts, actor, (action, user, item), body, newUser) = call;
        var cancellation = http.RequestAborted;
        switch (action)
        {
            case "iam:ListUsers":
                await Write(http, 200, new { users = Accounts(await accounts.List(actor, cancellation)).Select(AdminDocuments.User.Of) });
                break;
            case "iam:CreateUser":
                Ensure(await accounts.Create(actor, newUser!.Name ?? "", newUser.Email ?? ""));
                await Write(http, 201, AdminDocuments.User.Of(Accounts(await accounts.Find(actor, newUser.Name!, cancellation))[0]));
                break;
            case "iam:UpdateUser":
                Ensure(await accounts.SetDisabled(actor, user, Switch(body)));
                await Write(http, 200, AdminDocuments.User.Of(Accounts(await accounts.Find(actor, user, cancellation))[0]));
                break;
            case "iam:DeleteUser":
                Done(http, await accounts.Remove(actor, user));
                break;
            case "iam:CreateAccessKey":
                var asked = body.Length == 0 ? new AdminDocuments.NewKey(null, null) : Read<AdminDocuments.NewKey>(body);
                var created = await accounts.CreateKey(actor, user, asked.AccessKey, asked.SecretKey);
                Ensure(created.Status);
                http.Response.Headers.CacheControl = "no-store";
                await Write(http, 201, AdminDocuments.CreatedKey.Of(created));
                break;
            case "iam:UpdateAccessKey":
                Done(http, await accounts.SetKeyDisabled(actor, user, item, Switch(body)));
                break;
            case "iam:DeleteAccessKey":
                Done(http, await accounts.RemoveKey(actor, user, item));
                break;
            case "iam:GetUserPolicy":
                var found = await accounts.FindPolicy(actor, user, item, cancellation);
                Ensure(found.Status);
                await Write(http, 200, Encoding.UTF8.GetBytes(found.Document!));
                break;
            case "iam:PutUserPolicy":
                IdentityPolicies.Parse(body);
                Done(http, await accounts.PutPolicy(actor, user, item, Encoding.UTF8.GetString(body)));
                break;
            case "iam:DeleteUserPolicy":
                Done(http, await accounts.RemovePolicy(actor, user, item));
                break;
            default:
                var account = Accounts(await accounts.Find(actor, user, cancellation))[0];
                await (action switch
                {
                    "iam:ListAccessKeys" => Write(http, 200, new { keys = account.Keys.Select(AdminDocuments.Key.Of) }),
                    "iam:ListUserPolicies" => Write(http, 200, new { policies = account.Policies }),
                    _ => Write(http, 200, AdminDocuments.User.Of(account)),
                });
                break;
        }
    }

    static AccountInfo[] Accounts(AccountList found)
    {
        Ensure(found.Status);
        return found.Accounts;
    }

    static bool Switch(byte[] body) =>
        Read<AdminDocuments.Switch>(body).Disabled ?? throw AdminException.Invalid("The body must be {\"disabled\": true} or {\"disabled\": false}.");

    static void Ensure(AccountStatus status)
    {
        if (status != AccountStatus.Ok) throw AdminException.Of(status);
    }

    static void Done(HttpContext http, AccountStatus status)
    {
        Ensure(status);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    static T Read<T>(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, AdminDocuments.Options) ?? throw AdminException.Invalid("The body is null.");
        }
        catch (JsonException e)
        {
            throw AdminException.Invalid($"The body is not the JSON that is wanted here, at {e.Path ?? "$"}.");
        }
    }

    static async Task<byte[]> ReadBody(HttpContext http, string signedHash)
    {
        if (http.Request.ContentLength > MaxBody) throw new S3Exception(ErrorCode.MaxMessageLengthExceeded);
        var body = new ArrayBufferWriter<byte>(256);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(_patience);
        try
        {
            while (true)
            {
                var read = await http.Request.BodyReader.ReadAsync(deadline.Token);
                var fits = body.WrittenCount + read.Buffer.Length <= MaxBody;
                if (fits)
                    foreach (var segment in read.Buffer) body.Write(segment.Span);
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (!fits) throw new S3Exception(ErrorCode.MaxMessageLengthExceeded);
                if (read.IsCompleted) break;
            }
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new S3Exception(ErrorCode.RequestTimeout);
        }
        if (Convert.ToHexStringLower(SHA256.HashData(body.WrittenSpan)) != signedHash)
            throw new S3Exception(ErrorCode.XAmzContentSHA256Mismatch,
                "x-amz-content-sha256 must be the SHA-256 of the body, in hexadecimal digits.");
        return body.WrittenSpan.ToArray();
    }

    static async Task Refuse(HttpContext http, AccessLine log, int status, string code, string message)
    {
        log.Note = code;
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }
        // A body that was not read: only a new connection is unambiguous.
        if (http.Request.ContentLength > 0 || http.Request.Headers.TransferEncoding.Count > 0) http.Response.Headers.Connection = "close";
        await Write(http, status, new AdminDocuments.Error(code, message, log.Id));
    }

    static Task Write<T>(HttpContext http, int status, T document) =>
        Write(http, status, JsonSerializer.SerializeToUtf8Bytes(document, AdminDocuments.Options));

    static async Task Write(HttpContext http, int status, byte[] json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }
}
