using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using Spectre.Console;

namespace OrleansDfs.Cli;

/// <summary>The program: one command, or a prompt. Exit codes: 0 done, 1 the command failed, 2 not understood, 3 no cluster, 130
/// interrupted.</summary>
internal static class Application
{
    private const int Failed = 1;
    private const int NotUnderstood = 2;
    private const int NoCluster = 3;
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(string[] args)
    {
        using var interrupt = new Interrupt();
        try
        {
            var (request, source) = CommandLine.Parse(args);
            if (request?.Command == "help")
            {
                Console.Out.WriteLine(CommandLine.Usage);
                return 0;
            }
            if (request?.Command == "exit") return 0;
            await using var connection = await Connection.OpenAsync(source, interrupt.Token);
            var console = MakeConsole();
            var commands = new Commands(connection.Client, new AccountCommands(connection.Accounts, console),
                new NodeCommands(connection.Operations, connection.Client, console), console);
            return request is null
                ? await PromptAsync(commands, interrupt)
                : await ReportAsync(() => commands.RunAsync(request, interrupt.Token));
        }
        catch (UsageException e)
        {
            return Fail(NotUnderstood, e.Message);
        }
        catch (ConnectionException e)
        {
            return Fail(NoCluster, e.Message);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }

    private static async Task<int> PromptAsync(Commands commands, Interrupt interrupt)
    {
        if (!Console.IsInputRedirected) Console.Out.WriteLine("OrleansDfs. 'upload FILE', 'download KEY', 'ls', 'rm KEY', 'status', 'help', 'exit'.");
        var last = 0;
        while (true)
        {
            if (!Console.IsInputRedirected) Console.Out.Write("odfs> ");
            if (await Console.In.ReadLineAsync() is not { } line) return last;
            interrupt.Renew();
            last = await ReportAsync(async () =>
            {
                if (CommandLine.Split(line) is not { Count: > 0 } words) return;
                var request = CommandLine.ParseCommand(words);
                if (request.Command == "exit") throw new LeaveException();
                if (request.Command == "help") Console.Out.WriteLine(CommandLine.Usage);
                else await commands.RunAsync(request, interrupt.Token);
            });
            if (last == LeaveException.Code) return 0;
        }
    }

    /// <summary>Runs a command and says in one sentence what went wrong.</summary>
    private static async Task<int> ReportAsync(Func<Task> command)
    {
        try
        {
            await command();
            return 0;
        }
        catch (LeaveException)
        {
            return LeaveException.Code;
        }
        catch (OperationCanceledException)
        {
            return Fail(Interrupted, "Interrupted.");
        }
        catch (UsageException e)
        {
            return Fail(NotUnderstood, e.Message);
        }
        catch (DfsException e) when (e.Status == DfsStatus.Unavailable)
        {
            return Fail(Failed, e.Message + " ('odfs status' shows the nodes.)");
        }
        catch (ArgumentException e)
        {
            return Fail(NotUnderstood, e.Message.Split(" (Parameter")[0]); // a name that is no bucket or key
        }
        catch (Exception e) when (e is DfsException or IOException or UnauthorizedAccessException)
        {
            return Fail(Failed, e.Message);
        }
    }

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine("odfs: " + message);
        return code;
    }

    private static IAnsiConsole MakeConsole()
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected) console.Profile.Width = 200; // a file has no edge to break lines at
        return console;
    }

    private sealed class LeaveException : Exception
    {
        public const int Code = -1;
    }
}
