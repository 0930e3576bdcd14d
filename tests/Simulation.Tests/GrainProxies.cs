using System.Reflection;

namespace OrleansDfs.Simulation.Tests;

/// <summary>Stands for Orleans' factory.</summary>
public class FactoryProxy : DispatchProxy
{
    internal SimulatedGrains Grains { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grains.Get(targetMethod!.ReturnType, args![0]!);
}

/// <summary>Tells a grain its id, and nothing else.</summary>
public class ContextProxy : DispatchProxy
{
    internal GrainId Id { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == "get_GrainId" ? Id : throw new NotSupportedException(targetMethod.Name);
}

/// <summary>The way to a grain: the call may be lost, or its answer.</summary>
public class CallProxy : DispatchProxy
{
    private SimulatedCluster _cluster = null!;
    private SimulatedProcess _caller = null!;
    private object _grain = null!;
    private string _name = "";

    internal void Of(SimulatedCluster cluster, SimulatedProcess caller, object grain, string name) =>
        (_cluster, _caller, _grain, _name) = (cluster, caller, grain, name);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.ReturnType.IsGenericType ? targetMethod.ReturnType.GetGenericArguments()[0] : typeof(bool);
        return typeof(CallProxy).GetMethod(nameof(Call), BindingFlags.Instance | BindingFlags.NonPublic)!
            .MakeGenericMethod(result).Invoke(this, [targetMethod, args]);
    }

    private async Task<T> Call<T>(MethodInfo method, object?[] args)
    {
        var fate = _caller.IsDead ? Fate.Fails : _cluster.Ask($"{_caller.Name} -> silo: {_name}.{method.Name}", StepKind.Grain);
        if (fate == Fate.Fails || _caller.IsDead) throw new TimeoutException("The call was lost.");
        await _cluster.PauseAsync();
        var silo = _cluster.Silo;
        if (silo.IsDead) throw new TimeoutException("There is no silo.");
        var work = (Task)method.Invoke(_grain, args)!;
        await work;
        await _cluster.PauseAsync();
        if (fate == Fate.FailsAfter || _caller.IsDead || silo.IsDead) throw new TimeoutException("The answer was lost.");
        return work is Task<T> answer ? answer.Result : default!;
    }
}
