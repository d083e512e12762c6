namespace Deucalion.Replication.Membership;

/// <summary>
/// Versions of the protocol between nodes (docs/decisions/done/0007-versions.md). Each program speaks a range, which its node's record names. In effect is the highest that
/// all live nodes speak; what a later version added is sent and written only from then on.
/// </summary>
public static class ClusterProtocol
{
    /// <summary>The highest version that this program speaks. It rises with a release that adds messages, kinds of records or fields that have to be understood.</summary>
    public const int Newest = 1;

    /// <summary>The lowest version that this program speaks: that of the release before, so that a cluster can be taken from one to the next node by node.</summary>
    public const int Oldest = 1;

    /// <summary>The version in effect among nodes; where none is known the oldest that this program speaks, since any may be there.</summary>
    public static int InEffect(IEnumerable<NodeRecord> alive) => InEffect(alive, Oldest, Newest);

    /// <summary>As the other one, for a program that speaks those versions.</summary>
    internal static int InEffect(IEnumerable<NodeRecord> alive, int oldest, int newest)
    {
        var lowest = alive.Select(static node => (int?)node.Protocol).Min();
        return lowest is { } known ? Math.Min(known, newest) : oldest;
    }

    /// <summary>
    /// Why a program must not join, or null. With each live node it has to have a version in common. A dead one may come back, and the data of all that ever
    /// took part may hold what the oldest version that it speaks allows: so much has to be understood here. <paramref name="known"/> may hold the node itself, as an
    /// earlier program described it.
    /// </summary>
    internal static string? Refusal(NodeRecord self, IEnumerable<NodeSight> known)
    {
        foreach (var (other, isAlive) in known)
        {
            if (self.Protocol < other.OldestProtocol)
            {
                return $"{Speaks(self)}, too old for this cluster: {Speaks(other)}. Install version {other.Version}, or the one before it";
            }

            if (isAlive && other.Id != self.Id && other.Protocol < self.OldestProtocol)
            {
                return $"{Speaks(self)}, too new for this cluster: {Speaks(other)}. Install the version that follows {other.Version} on all nodes first; versions are taken one after the other";
            }
        }

        return null;
    }

    private static string Speaks(NodeRecord node) =>
        $"node {node.Id} with version {node.Version} speaks {(node.OldestProtocol == node.Protocol ? $"{node.Protocol}" : $"{node.OldestProtocol} to {node.Protocol}")} of the protocol between nodes";
}
