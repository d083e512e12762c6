namespace Deucalion.Replication.PartitionLog;

/// <summary>This replica lost its place as primary: what was pending is dropped, its outcome unknown to whoever waits. Open the log again, or elsewhere.</summary>
public sealed class LogLostException(string message, Exception? inner) : IOException(message, inner);

/// <summary>The partition cannot be opened here; the message says why and what helps.</summary>
public sealed class PartitionRefusedException(string message, Exception? inner) : IOException(message, inner);
