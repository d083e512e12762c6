using Deucalion.Common.Identifiers;

namespace Deucalion.Common.Log;

/// <summary>What a checkpoint stands for: the state of a partition with all records up to and including <paramref name="Seq"/>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Term">Term of the record at <paramref name="Seq"/>.</param>
/// <param name="Seq">Last record that the checkpoint holds.</param>
/// <param name="Crc">Checksum of the record at <paramref name="Seq"/>: what follows must name it as its predecessor.</param>
/// <param name="Incarnation">Incarnation of the log that the checkpoint was taken from.</param>
public readonly record struct CheckpointHeader(PartitionId Partition, long Term, long Seq, uint Crc, UInt128 Incarnation);
