using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using OrleansDfs.Micro;

// The hot paths' pieces one by one. Short jobs in this process, so that all of it takes some minutes; BenchmarkDotNet's own options narrow it down
// (--filter '*Signature*', --list flat) or make it longer (--iterationCount 15). --open-node N is no micro-benchmark and has a way of its own.
if (args is ["--open-node", ..]) return await OpenNode.RunAsync(args.Length > 1 ? int.Parse(args[1], null) : 1_000_000);

var config = ManualConfig.Create(DefaultConfig.Instance)
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .HideColumns(Column.Error, Column.RatioSD, Column.Gen0, Column.Gen1, Column.Gen2)
    .WithOption(ConfigOptions.JoinSummary, true);
BenchmarkSwitcher.FromAssembly(typeof(SignatureBenchmarks).Assembly).Run(args is [] ? ["--filter", "*"] : args, config);
return 0;
