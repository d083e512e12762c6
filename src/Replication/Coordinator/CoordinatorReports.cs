using System.Threading.Channels;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.Transport;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>Sends the reports of this node's replicas to the coordinator, all that wait at once.</summary>
internal sealed partial class CoordinatorReports : ICoordinatorReports, IAsyncDisposable
{
    private readonly IClusterCalls _calls;
    private readonly ClusterViews _views;
    private readonly TimeSpan _deadline;
    private readonly ILogger<CoordinatorReports> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<(PartitionId Partition, bool AsksReplacement), long> _waiting = [];
    private Task _running = Task.CompletedTask;

    public CoordinatorReports(IClusterCalls calls, ClusterViews views, CoordinatorOptions options, ILogger<CoordinatorReports> logger)
    {
        _calls = calls;
        _views = views;
        _deadline = options.CallDeadline;
        _logger = logger;
    }

    public void Start() => _running = Task.Run(RunAsync);

    /// <inheritdoc/>
    public void PrimaryMissing(PartitionId partition, long term) => Add(partition, term, asksReplacement: false);

    /// <inheritdoc/>
    public void AskReplacement(PartitionId partition, long term) => Add(partition, term, asksReplacement: true);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private void Add(PartitionId partition, long term, bool asksReplacement)
    {
        lock (_waiting)
        {
            _waiting[(partition, asksReplacement)] = term;
        }

        _wake.Writer.TryWrite(true);
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _wake.Reader.ReadAsync(_stopping.Token);
                await SendAsync(_stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        Report[] reports;
        lock (_waiting)
        {
            reports = [.. _waiting.Select(static report => new Report(report.Key.Partition.Value, report.Value, report.Key.AsksReplacement))];
            _waiting.Clear();
        }

        if (reports.Length == 0 || _views.Coordinator is not { } coordinator || !ReplicaProtocol.TryParse(coordinator.Id, out var node))
        {
            return;
        }

        try
        {
            await _calls.CallAsync(node, ClusterMethods.Report, ClusterJson.Write(new Reports(reports)), _deadline, cancellationToken);
        }
        catch (WireException exception)
        {
            LogLost(_logger, reports.Length, coordinator.Id, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "{Count} reports did not reach the coordinator {Coordinator}: {Reason}")]
    private static partial void LogLost(ILogger logger, int count, string coordinator, string reason);
}
