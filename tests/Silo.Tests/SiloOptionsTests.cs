namespace OrleansDfs.Silo.Tests;

public class SiloOptionsTests
{
    [Fact]
    public void All_problems_are_told_at_once()
    {
        var options = new SiloOptions { Replicas = 0, RootAccessKey = "only this", LifecycleDay = TimeSpan.Zero, LifecyclePeriod = TimeSpan.Zero };
        options.Node.Endpoint = "nowhere";
        options.Users.Add(new UserOptions { Name = "root" });
        var problems = options.Problems();
        Assert.Equal(8, problems.Count);
        Assert.All(problems, p => Assert.NotEmpty(p));
    }
}
