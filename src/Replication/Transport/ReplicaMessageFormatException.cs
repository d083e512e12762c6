namespace Deucalion.Replication.Transport;

/// <summary>Bytes that came from another node are no message between replicas.</summary>
internal sealed class ReplicaMessageFormatException(string message, Exception? inner = null) : FormatException(message, inner);
