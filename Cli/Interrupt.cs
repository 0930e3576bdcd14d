namespace OrleansDfs.Cli;

/// <summary>Ctrl-C ends the command under way, and a second one the program.</summary>
internal sealed class Interrupt : IDisposable
{
    private CancellationTokenSource _pressed = new();

    public Interrupt() => Console.CancelKeyPress += OnPressed;

    public CancellationToken Token => _pressed.Token;

    /// <summary>For the next command of a prompt.</summary>
    public void Renew()
    {
        if (_pressed.IsCancellationRequested) _pressed = new CancellationTokenSource();
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnPressed;
        _pressed.Dispose();
    }

    private void OnPressed(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = !_pressed.IsCancellationRequested;
        _pressed.Cancel();
    }
}
