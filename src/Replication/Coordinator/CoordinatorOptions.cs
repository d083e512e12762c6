using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator;

/// <summary>Times and limits of the coordinator, and of how nodes keep in touch with it.</summary>
public sealed class CoordinatorOptions
{
    /// <summary>How long the coordinator's lease outlives its holder; null: what the store recommends.</summary>
    public TimeSpan? LeaseTimeToLive { get; init; }

    /// <summary>A dead node keeps its place for so long, then its replicas are rebuilt elsewhere (<c>placement.replace_after</c>).</summary>
    public TimeSpan ReplaceAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A dead node without replicas is listed for so long, then forgotten.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Between two readings of the leases: with the three of records, table and placement every <see cref="ReadTableEvery"/> that is one request in 5 s. Also what
    /// stores that judge leases by watching them need.
    /// </summary>
    public TimeSpan ReadLeasesEvery { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Between two readings of the whole table, which only find what nodes could not tell.</summary>
    public TimeSpan ReadTableEvery { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Leases are read at once when a primary is missed, but not more often than this.</summary>
    public TimeSpan HurryEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Without a successful reading of the leases for so long nothing is changed any more.</summary>
    public TimeSpan FreezeAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two looks at what is due.</summary>
    public TimeSpan TickEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a node that announced its restart is given no primaries.</summary>
    public TimeSpan StandDownFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Between two questions of a node to the coordinator: several in half of <see cref="UnheardAfter"/>.</summary>
    public TimeSpan SyncEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A node that has not asked for so long counts as not there when backups miss it as their primary, though it holds its lease.</summary>
    public TimeSpan UnheardAfter { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>So soon after a coordinator begins it has heard all that it can hear.</summary>
    public TimeSpan MeetWithin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A coordinator that is out of touch with most nodes for so long gives its lease back. That most are not heard was noticed late enough already.</summary>
    public TimeSpan AbdicateAfter { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>But not before it has coordinated for so long: others have to find it first.</summary>
    public TimeSpan AbdicateAtFirst { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>And does not try to get it again for so long.</summary>
    public TimeSpan AbdicateFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait for an answer between nodes.</summary>
    public TimeSpan CallDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for an operator's command.</summary>
    public TimeSpan CommandDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a command waits for a coordinator, where there is none: a little longer than it takes to elect one that left in order.</summary>
    public TimeSpan CommandPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A coordinator that is not heard for so long is looked for, and its lease tried.</summary>
    public TimeSpan CoordinatorPatience { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Between two attempts to get the coordinator's lease while none is heard; after <see cref="ElectionHaste"/> of silence <see cref="LongestElectionPause"/>.
    /// </summary>
    public TimeSpan ElectionPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The lease of a dead coordinator has ended by then; who still hears nothing is cut off from one that lives.</summary>
    public TimeSpan ElectionHaste { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest pause between attempts to get the coordinator's lease.</summary>
    public TimeSpan LongestElectionPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>While no coordinator is heard the view is read from the store so often: three requests, one in 5 s.</summary>
    public TimeSpan ReadViewEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Replicas that are under way in the cluster before another move for balance, spread or drain begins.</summary>
    public int MovesAtOnce { get; init; } = 4;

    /// <summary>Replicas that are under way to one node before another one begins, repairs too.</summary>
    public int IntoNodeAtOnce { get; init; } = 2;

    /// <summary>Hand-offs that are asked for at the same time.</summary>
    public int HandOffsAtOnce { get; init; } = 4;

    internal CoordinatorTimings Timings { get; init; } = new();

    internal BalanceLimits Limits => new() { MovesAtOnce = MovesAtOnce, IntoNodeAtOnce = IntoNodeAtOnce, HandOffsAtOnce = HandOffsAtOnce };
}
