namespace OrleansDfs.AppHost.Setup;

/// <summary>The cluster cannot start as asked. The message is one sentence for the user that says what is wrong and what to do.</summary>
public sealed class SetupException(string message, Exception? cause = null) : Exception(message, cause);
