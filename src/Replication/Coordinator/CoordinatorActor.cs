using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// Drives a <see cref="CoordinatorState"/>: reads the store, carries out what is decided, pushes what changed, answers nodes and operators. Everything slow
/// runs beside it and comes back as a message, so nodes are answered also while the store is not.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Stopping it disposes what it owns.")]
internal sealed partial class CoordinatorActor : IActor<CoordinatorMessage>
{
    private const long StatusEvery = 2000;

    private readonly CoordinatorParts _parts;
    private readonly ActorRef<CoordinatorMessage> _self;
    private readonly ILogger<CoordinatorActor> _logger;
    private readonly CoordinatorState _state;
    private readonly CoordinatorCommands _commands;
    private readonly ViewPushes _pushes;
    private readonly CoordinatorWork _work;
    private readonly BackgroundTasks _tasks;
    private readonly HurryBudget _hurries = new();
    private readonly Action _abdicate;
    private ITimer? _timer;
    private int _tickWaits;
    private bool _isReading;
    private bool _wasFrozen;
    private long _leasesAskedAt = long.MinValue / 2;
    private long _tableAskedAt = long.MinValue / 2;
    private long _statusAt = long.MinValue / 2;

    /// <param name="parts">What it works with.</param>
    /// <param name="token">Fencing token of the lease that it acts under.</param>
    /// <param name="abdicate">Called when another node had better coordinate; it is stopped then.</param>
    /// <param name="self">Its mailbox.</param>
    public CoordinatorActor(CoordinatorParts parts, long token, Action abdicate, ActorRef<CoordinatorMessage> self)
    {
        _abdicate = abdicate;
        _parts = parts;
        _self = self;
        _logger = parts.Loggers.CreateLogger<CoordinatorActor>();
        _tasks = new BackgroundTasks(exception => self.TellUrgent(new FailedMessage(exception)));
        _state = new CoordinatorState(parts.Self, token, BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)), parts.Options);
        _work = new CoordinatorWork(parts, _tasks, message => self.TellUrgent(message));
        _pushes = new ViewPushes(parts, _state, _tasks, message => self.TellUrgent(message));
        _commands = new CoordinatorCommands(_state, new NodeRecords(parts.Store), new PlacementStore(parts.Store), parts.Options, _tasks, message => self.TellUrgent(message));
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _timer = _parts.Time.CreateTimer(_ => TellTick(), null, _parts.Options.TickEvery, _parts.Options.TickEvery);
        Read(_parts.Now);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(CoordinatorMessage message, CancellationToken cancellationToken)
    {
        var now = _parts.Now;
        Handle(message, now);
        CarryOut(now);
        _pushes.Push();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask StopAsync(Exception? failure)
    {
        _parts.Metrics.StoppedCoordinating();
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _tasks.DisposeAsync();
    }

    private void Handle(CoordinatorMessage message, long now)
    {
        switch (message)
        {
            case TickMessage:
                Volatile.Write(ref _tickWaits, 0);
                Tick(now);
                break;
            case FailedMessage failed:
                throw new InvalidOperationException($"work of the coordinator failed: {failed.Reason.Message}", failed.Reason);
            case LeasesMessage leases:
                _isReading = false;
                if (leases.Leases is not null)
                {
                    _state.LeasesRead(leases.Leases, leases.BeganAt, now);
                }

                break;
            case TableMessage { Reading: { } reading } table:
                _state.TableRead(reading.Records, reading.Entries, reading.Placement, table.BeganAt, now);
                break;
            case TableMessage:
                // Once more with the next reading of the leases.
                _tableAskedAt = long.MinValue / 2;
                break;
            case RecordMessage record:
                _work.Done(record.Node);
                if (record.Record is not null)
                {
                    _state.RecordRead(record.Record, now);
                }

                break;
            case ForgottenMessage forgotten:
                _work.Done(forgotten.Node);
                if (forgotten.IsDeleted)
                {
                    _state.Forgotten(forgotten.Node);
                }

                break;
            case ReplacedMessage replaced:
                Replaced(replaced, now);
                break;
            case EntryMessage read:
                _work.Done(read.Partition);
                if (read.Entry is not null)
                {
                    _state.EntrySeen(read.Partition, read.Entry, now);
                }

                break;
            case PlacementMessage placement:
                _state.PlacementRead(placement.Placement);
                break;
            case PushedMessage pushed:
                _pushes.Done(pushed);
                break;
            case SyncMessage sync:
                Answer(sync, now);
                break;
            case ReportMessage report:
                foreach (var item in report.Reports.Items)
                {
                    _state.Reported(report.From, new PartitionId(item.Partition), item.Term, item.AsksReplacement, now);
                }

                break;
            case CommandMessage command:
                _commands.Begin(command, now);
                break;
            case SnapshotMessage snapshot:
                snapshot.Reply.Set(ClusterSnapshots.Of(_state, _parts.Self, now, _parts.Time));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, "a message that is not known");
        }
    }

    private void TellTick()
    {
        // One that waits is enough.
        if (Interlocked.Exchange(ref _tickWaits, 1) == 0 && !_self.TryTell(new TickMessage()))
        {
            Volatile.Write(ref _tickWaits, 0);
        }
    }

    private void Tick(long now)
    {
        var elapsed = TimeSpan.FromMilliseconds(now - _leasesAskedAt);
        if (!_isReading && (elapsed >= _parts.Options.ReadLeasesEvery || (_state.IsInHurry && elapsed >= _parts.Options.HurryEvery && _hurries.TryTake(now))))
        {
            Read(now);
        }

        _state.Tick(now);
        if (_state.ShouldAbdicate(now))
        {
            _abdicate();
        }

        if (_state.IsReady && _state.IsFrozen(now) != _wasFrozen)
        {
            _wasFrozen = !_wasFrozen;
            LogFrozen(_logger, _wasFrozen ? "nothing is changed until it can be read again" : "it can be read again");
        }

        if (now - _statusAt >= StatusEvery)
        {
            _statusAt = now;
            _parts.Metrics.Coordinates(ClusterSnapshots.Of(_state, _parts.Self, now, _parts.Time).Status);
        }
    }

    /// <summary>Reads the leases, and the table where that is due.</summary>
    private void Read(long now)
    {
        _isReading = true;
        _leasesAskedAt = now;
        var withTable = now - _tableAskedAt >= _parts.Options.ReadTableEvery.TotalMilliseconds;
        _tableAskedAt = withTable ? now : _tableAskedAt;
        _work.Read(now, withTable);
    }

    private void Answer(SyncMessage sync, long now)
    {
        if (!_state.IsReady)
        {
            sync.Reply.Fail(new WireException(WireStatus.Unavailable, "the coordinator has not read the table yet"));
            return;
        }

        var question = sync.Question;
        var position = new ViewPosition(question.Token, question.Seq);
        _state.RecordTold(question.Record, now);
        foreach (var sight in question.Entries)
        {
            _state.EntrySeen(new PartitionId(sight.Partition), sight.Entry, now);
        }

        if (_state.Nodes.Told(sync.From, question.Record.Lease, question.Serves, question.IsFull))
        {
            _state.PlanSoon();
        }

        _state.LagsTold(sync.From, question.Lags ?? [], now);
        _state.Nodes.Heard(sync.From, question.Record.Lease, question.Silence, isAnswered: position.Token == _state.Token, now);
        _state.Confirmed(sync.From, question.Record.Lease, position);
        sync.Reply.Set(_state.UpdateSince(position, question.WantsNodes) with { ReadBefore = sync.ArrivedAt - _state.LeasesAt });
    }

    private void Replaced(ReplacedMessage replaced, long now)
    {
        _work.Done(replaced.Partition);
        if (replaced.Entry is not { } entry)
        {
            _state.ReplacingFailed(replaced.Partition, replaced.Term, now);
            return;
        }

        if (replaced.IsReplaced)
        {
            _parts.Metrics.Elected();
            LogElected(_logger, replaced.Partition, entry.Primary, entry.Term);
        }

        _state.EntrySeen(replaced.Partition, entry, now);
        if (!replaced.IsReplaced)
        {
            _state.NotReplaced(replaced.Partition, replaced.Term);
        }
    }

    private void CarryOut(long now)
    {
        foreach (var action in _state.Actions)
        {
            switch (action)
            {
                case TellReplica tell:
                    LogTold(_logger, tell.Partition, tell.To, tell.Message);
                    _parts.Transport.Send(tell.To, tell.Partition, tell.Message);
                    break;
                case ReplacePrimary replace:
                    if (!_work.Replace(replace))
                    {
                        _state.NotReplaced(replace.Partition, replace.Proposed.Term);
                    }

                    break;
                case ReadTableEntry read:
                    _work.ReadEntry(read.Partition);
                    break;
                case Activate activate:
                    _work.Activate(activate);
                    break;
                case ReadRecord read:
                    _work.ReadRecord(read.Node);
                    break;
                case ForgetNode forget:
                    _work.Forget(forget);
                    break;
                case CountMove move:
                    _parts.Metrics.MoveBegun(move.Reason);
                    break;
                case CountMoved moved:
                    _parts.Metrics.MoveCompleted(moved.Reason);
                    break;
                default:
                    throw new InvalidOperationException($"an action that is not known: {action}");
            }
        }

        _state.Actions.Clear();
    }

    [LoggerMessage(1, LogLevel.Warning, "Partition {Partition} lost its primary: node {Node} leads it in term {Term}")]
    private static partial void LogElected(ILogger logger, PartitionId partition, string node, long term);

    [LoggerMessage(2, LogLevel.Debug, "Partition {Partition}: node {Node} is told {Message}")]
    private static partial void LogTold(ILogger logger, PartitionId partition, NodeId node, ReplicaMessage message);

    [LoggerMessage(3, LogLevel.Warning, "Coordination store: {What}")]
    private static partial void LogFrozen(ILogger logger, string what);
}
