using System.Text;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using OrleansDfs.S3;
using Spectre.Console;

namespace OrleansDfs.Cli;

/// <summary>Users, access keys and policies of the S3 gateway.</summary>
internal sealed class AccountCommands(DfsAccounts accounts, IAnsiConsole console)
{
    public static bool Has(string command) => command.Split(' ') is ["user" or "key" or "policy", _];

    public Task RunAsync(Request request, CancellationToken cancellation)
    {
        var on = request.Operands;
        return request.Command switch
        {
            "user list" => ListAsync(cancellation),
            "user show" => ShowAsync(on[0], cancellation),
            "user add" => accounts.CreateAsync(on[0], request.Email ?? ""),
            "user disable" => accounts.SetDisabledAsync(on[0], !request.Off),
            "user remove" => accounts.RemoveAsync(on[0]),
            "key list" => KeysAsync(on[0], cancellation),
            "key add" => AddKeyAsync(request, cancellation),
            "key disable" => accounts.SetKeyDisabledAsync(on[0], on[1], !request.Off),
            "key remove" => accounts.RemoveKeyAsync(on[0], on[1]),
            "policy list" => PoliciesAsync(on[0], cancellation),
            "policy get" => GetPolicyAsync(on[0], on[1], cancellation),
            "policy put" => PutPolicyAsync(on[0], on[1], on[2], cancellation),
            "policy remove" => accounts.RemovePolicyAsync(on[0], on[1]),
            _ => throw new UsageException($"There is no command '{request.Command}'."),
        };
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        foreach (var account in await accounts.ListAsync(cancellation)) Say($"{account.User.Name}{About(account)}");
    }

    private async Task ShowAsync(string user, CancellationToken cancellation)
    {
        var account = await accounts.FindAsync(user, cancellation);
        Say($"{account.User.Name} {account.User.Email}".TrimEnd() + About(account));
        foreach (var key in account.Keys) Say("  key    " + Line(key));
        foreach (var policy in account.Policies) Say($"  policy {policy}");
    }

    private static string About(AccountInfo account)
    {
        var words = new List<string>();
        if (account.Disabled) words.Add("disabled");
        if (account.Configured) words.Add("from the configuration");
        if (account.Parent.Length > 0) words.Add($"made by {account.Parent}");
        return words.Count == 0 ? "" : $" ({string.Join(", ", words)})";
    }

    private static string Line(AccessKeyInfo key) => $"{key.AccessKey} {key.Created.UtcDateTime:yyyy-MM-dd}{(key.Disabled ? " (disabled)" : "")}";

    private async Task KeysAsync(string user, CancellationToken cancellation)
    {
        foreach (var key in (await accounts.FindAsync(user, cancellation)).Keys) Say(Line(key));
    }

    /// <summary>As lines that a shell can source.</summary>
    private async Task AddKeyAsync(Request request, CancellationToken cancellation)
    {
        var secret = request.SecretFile is { } file ? (await ReadAsync(file, cancellation)).Trim() : null;
        var created = await accounts.CreateKeyAsync(request.Operands[0], request.AccessKey, secret);
        Say($"AWS_ACCESS_KEY_ID={created.AccessKey}");
        Say($"AWS_SECRET_ACCESS_KEY={created.SecretKey}");
    }

    private async Task PoliciesAsync(string user, CancellationToken cancellation)
    {
        foreach (var policy in (await accounts.FindAsync(user, cancellation)).Policies) Say(policy);
    }

    private async Task GetPolicyAsync(string user, string policy, CancellationToken cancellation) =>
        Say(await accounts.FindPolicyAsync(user, policy, cancellation));

    private async Task PutPolicyAsync(string user, string policy, string file, CancellationToken cancellation)
    {
        var document = (await ReadAsync(file, cancellation)).Trim();
        try
        {
            IdentityPolicies.Parse(Encoding.UTF8.GetBytes(document));
        }
        catch (S3Exception e)
        {
            throw new DfsException(DfsStatus.InvalidRequest, $"The policy in '{file}' cannot be attached: {e.Error.Message}", e);
        }
        await accounts.PutPolicyAsync(user, policy, document);
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellation)
    {
        if (file == "-") return await Console.In.ReadToEndAsync(cancellation);
        return File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : throw new UsageException($"There is no file '{file}'.");
    }

    private void Say(string line) => console.Profile.Out.Writer.WriteLine(line);
}
