using System.Threading.Channels;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Transport;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// Keeps this node's view fresh: asks the coordinator every few seconds what is new and tells it what replicas here learnt, at once. Only while no
/// coordinator is heard it reads the store, and asks on meanwhile.
/// </summary>
internal sealed partial class ViewSync : IAsyncDisposable
{
    private readonly IClusterCalls _calls;
    private readonly ClusterViews _views;
    private readonly NodeMembership _membership;
    private readonly CoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ViewSync> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ITimer? _timer;
    private volatile bool _serves;
    private long _heardAt;
    private long _readAt;
    private long? _lagsAt;
    private Task _running = Task.CompletedTask;
    private Task _reading = Task.CompletedTask;

    public ViewSync(IClusterCalls calls, ClusterViews views, NodeMembership membership, CoordinatorOptions options, TimeProvider time, ILogger<ViewSync> logger)
    {
        _calls = calls;
        _views = views;
        _membership = membership;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Whether this node's replicas are open: until then it is given nothing.</summary>
    public bool Serves
    {
        get => _serves;
        set
        {
            _serves = value;
            Wake();
        }
    }

    /// <summary>Tells whether this node has no room on its disk. Any thread.</summary>
    public Func<bool> IsFull { get; set; } = static () => false;

    /// <summary>Tells how far replicas are behind the primaries of this node. Any thread.</summary>
    public Func<IReadOnlyList<PartitionLags>> Lags { get; set; } = static () => [];

    /// <summary>How long no coordinator has answered.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <summary>Reads the first view and begins. <see cref="CoordinationException"/> where the store cannot be reached.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _views.RefreshAsync(cancellationToken);
        _readAt = _time.GetTimestamp();

        // Without a coordinator somebody has to become it now; with one it has the time to answer.
        Volatile.Write(ref _heardAt, _views.Coordinator is { IsAlive: true } ? _readAt : _readAt - Ticks(_options.CoordinatorPatience));
        _views.Untold = Wake;
        _timer = _time.CreateTimer(_ => Wake(), null, _options.SyncEvery, _options.SyncEvery);
        _running = Task.Run(RunAsync, CancellationToken.None);
        Wake();
    }

    /// <summary>Asks the coordinator now.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public async ValueTask DisposeAsync()
    {
        _views.Untold = null;
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _stopping.CancelAsync();
        await _running;
        await _reading;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _wake.Reader.ReadAsync(_stopping.Token);
                if (await AskAsync(_stopping.Token))
                {
                    Volatile.Write(ref _heardAt, _time.GetTimestamp());
                }
                else if (_reading.IsCompleted && Silence > _options.CoordinatorPatience && _time.GetElapsedTime(_readAt) >= (Silence < _options.ElectionHaste ? _options.ElectionPause : _options.ReadViewEvery))
                {
                    _readAt = _time.GetTimestamp();

                    // Beside this loop: a slow store must not keep a new coordinator, which may be known by its push meanwhile, from being asked.
                    _reading = ReadAsync(_stopping.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        if (_views.Coordinator is not { } coordinator || !ReplicaProtocol.TryParse(coordinator.Id, out var node))
        {
            return false;
        }

        var (position, wantsNodes, untold) = _views.Question();
        var question = new SyncQuestion
        {
            Record = _membership.Record,
            Token = position.Token,
            Seq = position.Seq,
            WantsNodes = wantsNodes,
            Entries = untold,
            Serves = _serves,
            IsFull = IsFull(),
            Silence = (long)Math.Min(Silence.TotalMilliseconds, int.MaxValue),
        };
        var askedAt = _time.GetTimestamp();
        if (_lagsAt is not { } before || _time.GetElapsedTime(before, askedAt) >= _options.SyncEvery / 2)
        {
            // News of replicas make it ask more often than that.
            _lagsAt = askedAt;
            question = question with { Lags = Lags() };
        }

        try
        {
            var answer = await _calls.CallAsync(node, ClusterMethods.Sync, ClusterJson.Write(question), _options.CallDeadline, cancellationToken);
            var update = ClusterJson.Read<ViewUpdate>(answer);
            _views.Told(untold, update.Token);
            _views.Apply(update, askedAt - Ticks(TimeSpan.FromMilliseconds(update.ReadBefore)));
            return true;
        }
        catch (WireException exception)
        {
            LogUnheard(_logger, coordinator.Id, exception.Message);
            return false;
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _views.RefreshAsync(cancellationToken);
        }
        catch (CoordinationException exception)
        {
            LogUnreadable(_logger, exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            // A defect must not end the only thing that keeps this node's view fresh.
            LogFailed(_logger, exception);
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    [LoggerMessage(3, LogLevel.Error, "Reading the coordination store failed in a way that is not foreseen")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(1, LogLevel.Debug, "Coordinator {Coordinator} does not answer: {Reason}")]
    private static partial void LogUnheard(ILogger logger, string coordinator, string reason);

    [LoggerMessage(2, LogLevel.Warning, "No coordinator answers, and the coordination store cannot be read: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string reason);
}
