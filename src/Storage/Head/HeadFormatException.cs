namespace Deucalion.Storage.Head;

/// <summary>A record or checkpoint is not what a head writes, or does not fit the state it is applied to. The head must not be used any more.</summary>
public sealed class HeadFormatException(string message) : IOException(message);
