namespace Deucalion.Common.Log;

/// <summary>The journal could not write or sync and takes nothing more until it has been reopened and verified.</summary>
public sealed class JournalFailedException(string message, Exception? inner) : IOException(message, inner);

/// <summary>More waits to be written than the journal may hold in memory. Retry later.</summary>
public sealed class JournalOverloadedException(string message) : IOException(message);

/// <summary>A file of the log or a checkpoint is damaged.</summary>
public sealed class LogCorruptException(string message) : IOException(message);
