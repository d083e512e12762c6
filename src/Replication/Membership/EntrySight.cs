using System.Text.Json.Serialization;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Membership;

/// <summary>An entry of the partition table.</summary>
internal sealed record EntrySight(
    [property: JsonPropertyName("partition")] int Partition,
    [property: JsonPropertyName("entry")] PartitionEntry Entry)
{
    /// <summary>The entry, if all it names are nodes and logs; <see cref="CoordinationException"/> otherwise.</summary>
    public static PartitionEntry Checked(PartitionEntry entry)
    {
        if (entry is not { Primary: not null, InSync: not null, Learners: not null, Term: > 0 }
            || !entry.InSync.Concat(entry.Learners).All(static replica => replica is { Node: not null, Incarnation: not null }))
        {
            throw new CoordinationException("the entry of a partition lacks a field", null);
        }

        entry.ToEntry();
        return entry;
    }
}
