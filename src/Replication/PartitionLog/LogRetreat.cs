using Deucalion.Common.Identifiers;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>How a replica leaves its place to others while it can still speak: before a stop, and where its disk has no room.</summary>
internal sealed class LogRetreat(PartitionId partition, LogShellParts parts, LogInbox inbox)
{
    private long _notBefore = long.MinValue;

    /// <summary>
    /// Whether it is time to leave for want of room on the disk: a node without room for more leads nothing, and holds nobody up, as far as others can do it.
    /// For the owner's mailbox.
    /// </summary>
    public bool IsDue
    {
        get
        {
            if (!parts.Journal.IsLow || parts.Now < _notBefore)
            {
                return false;
            }

            _notBefore = parts.Now + (parts.Options.Timings.Resend / 2);
            return true;
        }
    }

    private NodeId Self => parts.SelfOf(0).Node;

    /// <summary>Asks the log, which leads, to hand that to another replica. False: there is none. Any thread.</summary>
    public bool HandOff(TableEntry entry)
    {
        var isAsked = false;
        foreach (var member in entry.InSync)
        {
            if (member.Node != Self)
            {
                // The first that can take it does; who stops too is passed over.
                inbox.Add(new MessageArrived(Self, new HandOffRequest(entry.Term, member.Node)));
                isAsked = true;
            }
        }

        return isAsked;
    }

    /// <summary>Asks the primary to do without this replica, or not to take it in. False: that is so already, or cannot be. Any thread.</summary>
    public bool StandAside(TableEntry entry)
    {
        if (parts.Transport is not { } transport || entry.Primary == Self || !entry.Lists(Self))
        {
            return false;
        }

        // Also where it cannot be removed: nothing is handed off to it then.
        transport.Send(entry.Primary, partition, new StandAside(entry.Term));
        return entry.InSyncOn(Self) is not null && entry.InSync.Length > entry.MinInSync;
    }
}
