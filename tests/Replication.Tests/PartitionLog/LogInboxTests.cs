using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Replication.Tests.PartitionLog;

/// <summary>What waits for the owner of a log.</summary>
public sealed class LogInboxTests
{
    private int _woken;

    [Fact]
    public void WakesItsOwnerOnce_AndHoldsOneTick()
    {
        var inbox = new LogInbox(() => _woken++);
        inbox.Add(Ticked.Instance);
        inbox.Add(Ticked.Instance);
        Assert.Equal(1, _woken);
        inbox.Begin();
        Assert.True(inbox.TryTake(out _));
        Assert.False(inbox.TryTake(out _));
        inbox.Add(Ticked.Instance);
        Assert.Equal(2, _woken);
        Assert.True(inbox.TryTake(out _));
    }

    [Fact]
    public void DropsEverything_OnceItsOwnerHasEnded_AndLetsNobodyWait()
    {
        var inbox = new LogInbox(() => _woken++);
        var (before, after) = (new TaskCompletionSource(), new TaskCompletionSource());
        inbox.Add(new EntryOrdered(Entry, before));
        inbox.Add(EntryAbsent.Instance);
        inbox.Close();
        inbox.Add(new EntryOrdered(Entry, after));
        inbox.Add(Ticked.Instance);
        inbox.Add(Ticked.Instance);
        Assert.False(inbox.TryTake(out _));
        Assert.True(before.Task.IsCompletedSuccessfully);
        Assert.True(after.Task.IsCompletedSuccessfully);
    }

    private static TableEntry Entry { get; } = new()
    {
        Term = 1,
        Version = 1,
        ReplicationFactor = 1,
        MinInSync = 1,
        Primary = new NodeId(1),
        InSync = [new ReplicaId(new NodeId(1), 1)],
        Learners = [],
    };
}
