namespace OrleansDfs.Client;

/// <summary>Adds up what several lanes have done.</summary>
internal sealed class SumProgress(IProgress<long>? inner)
{
    private long _sum;

    public void Add(int bytes)
    {
        var sum = Interlocked.Add(ref _sum, bytes);
        inner?.Report(sum);
    }
}
