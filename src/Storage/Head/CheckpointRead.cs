namespace Deucalion.Storage.Head;

/// <summary>Reads bytes of a checkpoint into the destination; returns fewer than asked only at the end.</summary>
public delegate int CheckpointRead(Span<byte> destination);
