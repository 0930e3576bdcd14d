using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

public class DataFolderTests
{
    [Fact]
    public void A_folder_keeps_what_is_in_it_over_restarts()
    {
        using var temporary = new TemporaryFolder();
        using (var first = DataFolder.Take(temporary.Combine("data")))
        {
            first.Prepare(fresh: false);
            File.WriteAllText(first.Combine("kept"), "x");
        }
        using var second = DataFolder.Take(temporary.Combine("data"));
        second.Prepare(fresh: false);
        Assert.True(File.Exists(second.Combine("kept")));
    }

    [SkippableFact]
    public void A_new_folder_is_for_its_owner_alone()
    {
        Skip.If(OperatingSystem.IsWindows());
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Combine("data"));
#pragma warning disable CA1416 // skipped on Windows above
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.Root));
#pragma warning restore CA1416
    }

    [Fact]
    public void Fresh_deletes_everything_and_starts_over()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        data.Prepare(fresh: false);
        Directory.CreateDirectory(data.Node("silo1"));
        File.WriteAllText(data.Combine("root.env"), "x");
        data.Prepare(fresh: true);
        Assert.Equal(["lock", "logs", "version"], Directory.EnumerateFileSystemEntries(data.Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_folder_of_another_version_is_refused_untouched_and_fresh_takes_it()
    {
        using var temporary = new TemporaryFolder();
        File.WriteAllText(temporary.Combine("version"), "2\n");
        File.WriteAllText(temporary.Combine("precious"), "x");
        using var data = DataFolder.Take(temporary.Path);
        var error = Assert.Throws<SetupException>(() => data.Prepare(fresh: false));
        Assert.Contains("layout version '2'", error.Message, StringComparison.Ordinal);
        Assert.Contains("--fresh", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(temporary.Combine("precious")));

        data.Prepare(fresh: true);
        Assert.False(File.Exists(temporary.Combine("precious")));
        Assert.Equal("1", File.ReadAllText(temporary.Combine("version")).Trim());
    }

    [Fact]
    public void A_folder_of_somebody_elses_files_is_never_taken()
    {
        using var temporary = new TemporaryFolder();
        File.WriteAllText(temporary.Combine("thesis.tex"), "x");
        Assert.Contains("holds other files", Assert.Throws<SetupException>(() => DataFolder.Take(temporary.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_AppHost_at_a_time_uses_a_folder()
    {
        using var temporary = new TemporaryFolder();
        using (DataFolder.Take(temporary.Path))
        {
            var error = Assert.Throws<SetupException>(() => DataFolder.Take(temporary.Path));
            Assert.Contains("in use by another AppHost", error.Message, StringComparison.Ordinal);
        }
        DataFolder.Take(temporary.Path).Dispose();
    }
}
