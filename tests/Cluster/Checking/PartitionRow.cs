using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Checking;

/// <summary>A row of the table that <c>deucalion cluster partitions</c> prints.</summary>
/// <param name="Partition">Number of the partition.</param>
/// <param name="Health">How it is.</param>
/// <param name="Term">Its term.</param>
/// <param name="Primary">First digits of the id of the primary's node.</param>
/// <param name="InSync">Those of the nodes of in-sync replicas.</param>
/// <param name="Learners">Those of the nodes of replicas that catch up or are away.</param>
/// <param name="Replicas">How many it has by its entry and, behind <c>&gt;</c>, how many it is to have.</param>
internal sealed partial record PartitionRow(int Partition, string Health, long Term, string Primary, IReadOnlyList<string> InSync, IReadOnlyList<string> Learners, string Replicas)
{
    private const string Nothing = "-";

    /// <summary>Reads the table, which begins with its headings.</summary>
    public static IReadOnlyList<PartitionRow> ParseAll(string table) => [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(Parse)];

    public bool IsLedBy(IClusterNode node) => IsOf(Primary, node);

    public bool IsInSyncOn(IClusterNode node) => InSync.Any(id => IsOf(id, node));

    public bool IsOn(IClusterNode node) => IsInSyncOn(node) || Learners.Any(id => IsOf(id, node));

    // PARTITION HEALTH TERM PRIMARY IN-SYNC LEARNERS BEHIND RF NEXT
    private static PartitionRow Parse(string line)
    {
        var cells = Gap().Split(line.Trim());
        return new PartitionRow(
            int.Parse(cells[0], CultureInfo.InvariantCulture), cells[1], long.Parse(cells[2], CultureInfo.InvariantCulture), cells[3], Ids(cells[4]), Ids(cells[5]), cells[7]);
    }

    private static string[] Ids(string cell) => cell == Nothing ? [] : cell.Split(' ');

    private static bool IsOf(string id, IClusterNode node) => node.Id.StartsWith(id, StringComparison.Ordinal);

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();
}
