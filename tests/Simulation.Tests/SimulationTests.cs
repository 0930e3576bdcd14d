using System.Globalization;
using Xunit.Abstractions;

namespace OrleansDfs.Simulation.Tests;

/// <summary>
/// Deterministic simulation (RELIABILITY §5): nodes, coordinators and clients of the product on one thread, in virtual time, on a network that is
/// late and loses messages and on disks that fail, while nodes are killed, cut off and started again. One seed gives one run, down to every
/// message; it is printed. <c>SEED=4711</c> repeats one, <c>SEEDS=1000</c> runs so many:
/// <c>SEED=4711 dotnet test tests/Simulation.Tests --filter Nothing_is_lost_in_any_order_of_things</c>.
/// </summary>
public class SimulationTests(ITestOutputHelper output)
{
    private const int Quick = 5;
    private const int Many = 200;

    [Fact]
    public void Nothing_is_lost_in_any_order_of_things() => Run(Number("SEED") ?? 1, Number("SEED") is null ? Number("SEEDS") ?? Quick : 1);

    [Fact, Trait("Category", "Slow")]
    public void Nothing_is_lost_in_many_orders_of_things() => Run(1000, Many);

    [Fact]
    public void One_seed_gives_one_run()
    {
        var run = new Simulation(101).Run();
        Assert.Equal(run, new Simulation(101).Run());
        Assert.NotEqual(run.TraceHash, new Simulation(102).Run().TraceHash);
    }

    private void Run(int first, int count)
    {
        long operations = 0, steps = 0;
        for (var seed = first; seed < first + count; seed++)
        {
            try
            {
                var run = new Simulation(seed).Run();
                operations += run.Operations;
                steps += run.Steps;
                output.WriteLine(
                    $"seed {seed}: {run.Operations} operations, {run.Acknowledged} acknowledged, {run.Faults} faults, trace {run.TraceHash:x16}");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}; repeat it with SEED={seed}: {e.Message}", e);
            }
        }
        output.WriteLine($"{count} seeds, {operations} operations, {steps} steps");
    }

    private static int? Number(string variable)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
