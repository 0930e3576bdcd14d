namespace OrleansDfs.Gateway;

static partial class GatewayLog
{
    [LoggerMessage(1, LogLevel.Error, "Request {id} ({operation}) failed unexpectedly.")]
    public static partial void Unexpected(ILogger logger, Exception exception, string id, string operation);

    [LoggerMessage(2, LogLevel.Warning, "Request {id} ({operation}) could not be served: {why}")]
    public static partial void Unavailable(ILogger logger, string id, string operation, string why);

    [LoggerMessage(3, LogLevel.Warning, "Request {id} ({operation}): the body could not be completed, the connection is aborted: {why}")]
    public static partial void Aborted(ILogger logger, string id, string operation, string why);

    [LoggerMessage(4, LogLevel.Warning, "{count} requests were answered SlowDown since this was last said: {limit} are in work already.")]
    public static partial void Refused(ILogger logger, long count, int limit);
}
