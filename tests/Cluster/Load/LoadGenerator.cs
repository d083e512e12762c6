namespace Deucalion.Cluster.Load;

/// <summary>All senders of a run.</summary>
internal sealed class LoadGenerator : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<LoadSender> _senders;
    private Task _running = Task.CompletedTask;

    public LoadGenerator(LoadOptions options, RunClock clock, AckJournal journal, Func<IReadOnlyList<Uri>> targets)
    {
        Options = options;
        Journal = journal;
        var interval = (long)options.Interval.TotalMilliseconds;
        StartMilliseconds = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / interval * interval;
        _senders = [.. Enumerable.Range(0, options.Senders).Select(n => new LoadSender(n, options, clock, StartMilliseconds, journal, targets))];
    }

    public LoadOptions Options { get; }

    public AckJournal Journal { get; }

    /// <summary>Time of step 0, in milliseconds since 1970.</summary>
    public long StartMilliseconds { get; }

    /// <summary>State of every sender now.</summary>
    public IReadOnlyList<LedgerView> Views => [.. _senders.Select(static s => s.Ledger.View())];

    public LedgerView ViewOf(int sender) => _senders[sender].Ledger.View();

    /// <summary>Time of a step, in milliseconds since 1970.</summary>
    public long TimeOf(long step) => StartMilliseconds + (step * (long)Options.Interval.TotalMilliseconds);

    public void Start() => _running = Task.WhenAll(_senders.Select(s => Task.Run(() => s.RunAsync(_stop.Token))));

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var sender in _senders)
        {
            sender.Dispose();
        }

        _stop.Dispose();
    }
}
