using Deucalion.Cluster.Load;

namespace Deucalion.Cluster.Checking;

/// <summary>Asks through a proxy, once each time: every question has to be answered, rightly and wholly.</summary>
internal sealed class ProxyCheck(Uri proxy, AnswerChecker checker, LoadGenerator load, TimeSpan pause) : IAsyncDisposable
{
    private const int Steps = 100;

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public AnswerChecker Checker => checker;

    /// <summary>The first question that was not answered, or null.</summary>
    public string? Failed { get; private set; }

    public void Start() => _running = Task.Run(AskAsync);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task AskAsync()
    {
        try
        {
            for (var turn = 0; ; turn++)
            {
                await Task.Delay(pause, _stop.Token);
                var sender = turn % load.Options.Senders;
                var sent = load.ViewOf(sender).Sent;
                if (sent > 0 && !await checker.CheckAsync("proxy", proxy, sender, Math.Max(0, sent - Steps), sent, points: turn % 2 == 0, _stop.Token))
                {
                    Failed ??= $"a question through the proxy was not answered: {string.Join("; ", checker.Errors.Keys.Concat(checker.Violations).DefaultIfEmpty("no connection"))}";
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The orderly end.
        }
    }
}
