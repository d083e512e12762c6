namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>A chunk of a series of the head; times are those of its first and last sample.</summary>
internal readonly record struct HeadChunk(byte Encoding, long MinTime, long MaxTime, bool IsLate, byte[] Data);
