using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class JournalTicketsTests
{
    private readonly JournalTickets _tickets;
    private int _woken;

    public JournalTicketsTests()
    {
        _tickets = new JournalTickets(new LogInbox(() => _woken++));
    }

    [Fact]
    public void WhatNeedsNoRecord_IsDurableWithWhatIsBeforeIt()
    {
        _tickets.NothingToWrite(1);
        Assert.Equal((1, 1L), (_woken, _tickets.Take()));
        _tickets.HandedOver(2);
        _tickets.NothingToWrite(3);
        _tickets.HandedOver(4);
        Assert.Equal((0, false), (_tickets.Take(), _tickets.IsIdle));

        Answer(null);
        Assert.Equal(3, _tickets.Take());
        Answer(null);
        Assert.Equal((4, true, 4), (_tickets.Take(), _tickets.IsIdle, _tickets.Answered));
    }

    [Fact]
    public void SaysNothingOfWhatComesBehindARefusal()
    {
        _tickets.HandedOver(1);
        _tickets.HandedOver(2);
        _tickets.NothingToWrite(3);
        Answer(null);
        Answer(new DiskFullException("full", null));

        Assert.Equal((1, true), (_tickets.Take(), _tickets.IsIdle));
        Assert.NotNull(_tickets.Error);
    }

    [Fact]
    public void SaysNothing_WhereSomethingBeforeItCouldNotBeHandedOver()
    {
        _tickets.HandedOver(1);
        _tickets.Refused(new DiskFullException("full", null));
        _tickets.NothingToWrite(3);
        Answer(null);

        Assert.Equal((1, true), (_tickets.Take(), _tickets.IsIdle));
        _tickets.Forgive();
        _tickets.NothingToWrite(4);
        Assert.Equal(4, _tickets.Take());
    }

    private void Answer(Exception? error) => ((IJournalCompletion)_tickets).Completed(new PartitionId(1), 1, 1, default, error);
}
