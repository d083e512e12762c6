using System.Text.Json.Serialization;
using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Partitions;

/// <summary>What this node has of a partition at one moment, for comparison with other nodes: equal points of one partition mean equal heads.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Role"><c>primary</c> (it is open here), <c>backup</c> (listed in sync), <c>learner</c> (neither).</param>
/// <param name="Term">Term of the last record applied.</param>
/// <param name="Seq">Its seq.</param>
/// <param name="Crc">Its checksum, 8 hexadecimal digits.</param>
/// <param name="Digest">Digest of everything the heads hold, 16 hexadecimal digits; null where it was not asked for.</param>
public sealed record ReplicaDescription(
    [property: JsonIgnore] PartitionId Partition,
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("term")] long Term,
    [property: JsonPropertyName("seq")] long Seq,
    [property: JsonPropertyName("crc")] string Crc,
    [property: JsonPropertyName("digest"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Digest);
