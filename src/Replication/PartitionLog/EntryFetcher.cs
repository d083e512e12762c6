using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// Finds, makes or adopts the entry of one partition, and tells the inbox what came of it. One attempt at a time; the owner's mailbox starts them.
/// </summary>
internal sealed class EntryFetcher(PartitionId partition, LogShellParts parts, LogInbox inbox)
{
    private const int Attempts = 5;

    private readonly FreshReading _readings = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins, unless an attempt is under way. <paramref name="create"/>: an entry is made where there is none.</summary>
    public void Begin(UInt128 epoch, LogPoint end, bool mayHaveLost, bool create)
    {
        if (_running.IsCompleted)
        {
            _running = Task.Run(() => RunAsync(epoch, end, mayHaveLost, create));
        }
    }

    /// <summary>Reads the entry for the core, as it stands now or later: however often that is asked for, one reading runs and one comes after it.</summary>
    public void ReadBack() => _ = _readings.ReadAsync(ReadBackAsync);

    private async Task ReadBackAsync()
    {
        try
        {
            if (await parts.Table.ReadAsync(partition, parts.Stopping) is { } found)
            {
                inbox.Add(new EntryArrived(found.Entry.ToEntry(), WasReadBack: true));
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The core asks again.
        }
    }

    private async Task RunAsync(UInt128 epoch, LogPoint end, bool mayHaveLost, bool create)
    {
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                if (await TryAsync(epoch, end, mayHaveLost, create) is { } happened)
                {
                    inbox.Add(happened);
                    return;
                }
            }

            inbox.Add(new EntryUnknown("its entry in the partition table changes all the time"));
        }
        catch (CoordinationException exception)
        {
            inbox.Add(new EntryUnknown($"the partition table does not answer: {exception.Message}"));
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task<LogEvent?> TryAsync(UInt128 epoch, LogPoint end, bool mayHaveLost, bool create)
    {
        var found = await parts.Table.ReadAsync(partition, parts.Stopping);
        var self = parts.SelfOf(epoch).ToRef();
        var verdict = EntryDecision.Decide(new EntryFacts(partition, self, listed => parts.MaySucceed(listed, epoch), found?.Entry, end, mayHaveLost));
        switch (verdict.Action)
        {
            case EntryAction.Use:
                return new EntryArrived(found!.Value.Entry.ToEntry(), WasReadBack: false);
            case EntryAction.StartOver:
                return new LogGivenUp(found!.Value.Entry.ToEntry(), "records that were durable are missing or damaged");
            case EntryAction.Wait:
                return new EntryMissing(verdict.Refusal!);
            case EntryAction.Refuse:
                return new EntryRefused(verdict.Refusal!);
            case EntryAction.Create when !create:
                return EntryAbsent.Instance;
            default:
                var proposed = verdict.Proposed ?? NewEntry(self);
                return await parts.Table.PutAsync(partition, proposed, found?.Document, parts.Stopping) == CasOutcome.Done
                    ? new EntryArrived(proposed.ToEntry(), WasReadBack: false)
                    : null;
        }
    }

    /// <summary>The entry of a new partition: this replica leads, the others that placement names are learners of logs not known yet.</summary>
    private PartitionEntry NewEntry(ReplicaRef self)
    {
        var plan = parts.Options.PlanNewPartition(partition);
        return new PartitionEntry
        {
            Term = 1,
            Version = 1,
            ReplicationFactor = plan.ReplicationFactor,
            MinInSync = plan.MinInSync,
            Primary = self.Node,
            InSync = [self],
            Learners = [.. plan.Nodes.Where(node => node != self.Node).Take(plan.ReplicationFactor - 1).Select(static node => new ReplicaRef(node, TableEntryConversion.NoIncarnation))],
            WriterId = string.Empty,
            Counter = 0,
        };
    }
}
