namespace OrleansDfs.Cli.Tests;

public class CommandLineTests
{
    [Fact]
    public void Options_may_stand_anywhere()
    {
        var (request, source) = CommandLine.Parse(["--data", "d", "upload", "-b", "photos", "cat.jpg", "--key=pets/cat.jpg"]);

        Assert.Equal("upload", request!.Command);
        Assert.Equal(["cat.jpg"], request.Operands);
        Assert.Equal(("photos", "pets/cat.jpg"), (request.Bucket, request.Key));
        Assert.Equal(new Source("d", null), source);
    }

    [Fact]
    public void Without_a_command_there_is_the_prompt()
    {
        var (request, source) = CommandLine.Parse(["--config=c.json"]);

        Assert.Null(request);
        Assert.Equal(new Source(".data", "c.json"), source);
    }

    [Fact]
    public void The_default_bucket_is_files() => Assert.Equal("files", CommandLine.ParseCommand(["ls"]).Bucket);

    [Fact]
    public void Two_dashes_end_the_options() => Assert.Equal(["--key"], CommandLine.ParseCommand(["rm", "--", "--key"]).Operands);

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    [InlineData("ls", "--help")]
    public void Help_is_found_wherever_it_is_asked(params string[] args) => Assert.Equal("help", CommandLine.Parse(args).Request!.Command);

    [Theory]
    [InlineData("There is no command 'copy'; 'odfs help' lists them.", "copy", "a", "b")]
    [InlineData("Usage: odfs upload FILE [--bucket BUCKET] [--key KEY]", "upload")]
    [InlineData("Usage: odfs download KEY [FILE] [--bucket BUCKET]", "download", "a", "b", "c")]
    [InlineData("'--key' is no option of 'rm'. Usage: odfs rm KEY [--bucket BUCKET]", "rm", "a", "--key", "b")]
    [InlineData("'--bucket' is no option of 'status'. Usage: odfs status", "status", "--bucket", "b")]
    [InlineData("'--bucket' wants a value behind it.", "ls", "--bucket")]
    [InlineData("'--data' wants a value behind it.", "ls", "--data")]
    public void What_cannot_be_understood_is_told_in_one_sentence(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => CommandLine.Parse(args)).Message);

    [Fact]
    public void Commands_about_users_have_two_words()
    {
        var added = CommandLine.ParseCommand(["key", "add", "--access-key", "K", "anna", "--secret-file=f"]);
        Assert.Equal(("key add", "K", "f"), (added.Command, added.AccessKey, added.SecretFile));
        Assert.Equal(["anna"], added.Operands);
        Assert.True(CommandLine.ParseCommand(["user", "disable", "anna", "--off"]).Off);
        Assert.Equal("There is no command 'user'; 'odfs help' lists them.", Assert.Throws<UsageException>(() =>
            CommandLine.ParseCommand(["user"])).Message);
        Assert.Equal("There is no command 'user be'; 'odfs help' lists them.",
            Assert.Throws<UsageException>(() => CommandLine.ParseCommand(["user", "be"])).Message);
        Assert.Equal("Usage: odfs policy put USER NAME FILE", Assert.Throws<UsageException>(() =>
            CommandLine.ParseCommand(["policy", "put", "a"])).Message);
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("   ", new string[0])]
    [InlineData("upload file.txt", new[] { "upload", "file.txt" })]
    [InlineData("  upload\t'my file.txt'  ", new[] { "upload", "my file.txt" })]
    [InlineData("upload \"it's\" --key=\"a b\"/c", new[] { "upload", "it's", "--key=a b/c" })]
    [InlineData("rm a\\ b \\\"", new[] { "rm", "a b", "\"" })]
    [InlineData("rm 'a\\b' c\\d", new[] { "rm", "a\\b", "c\\d" })]
    [InlineData("rm ''", new[] { "rm", "" })]
    public void A_line_is_split_as_a_shell_does(string line, string[] words) => Assert.Equal(words, CommandLine.Split(line));

    [Fact]
    public void A_quote_must_be_closed() => Assert.Throws<UsageException>(() => CommandLine.Split("rm 'a"));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "0.98 KiB")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(10 * 1024, "10.0 KiB")]
    [InlineData(1_000_000_000, "954 MiB")]
    [InlineData(long.MaxValue, "8.00 EiB")]
    public void Sizes_have_three_digits(long bytes, string text) => Assert.Equal(text, Sizes.Text(bytes));
}
