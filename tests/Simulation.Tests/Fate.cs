namespace OrleansDfs.Simulation.Tests;

/// <summary>What a simulation does to one step of the path.</summary>
enum Fate
{
    Goes,

    /// <summary>It does not happen: a disk's error, a refused or lost message, a connection lost before COMMIT was sent.</summary>
    Fails,

    /// <summary>It happens, and nobody is told: a lost answer, a connection lost after COMMIT.</summary>
    FailsAfter,

    /// <summary>The disk is full.</summary>
    Full,
}

/// <summary>
/// Where something can go wrong: each call of a disk, each message between processes, each call of a grain, each side of a COMMIT. Asked before
/// the step; it may also take processes or power away itself.
/// </summary>
/// <param name="step">Its name: who, what, whom. The same run gives the same names in the same order.</param>
/// <param name="kind">What it is.</param>
delegate Fate Faults(string step, StepKind kind);

enum StepKind
{
    Disk,
    Message,
    Grain,
    Commit,
}
