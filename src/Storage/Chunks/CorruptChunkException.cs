namespace Deucalion.Storage.Chunks;

/// <summary>The bytes of a chunk cannot be what an encoder wrote.</summary>
public sealed class CorruptChunkException(string message) : IOException(message);
