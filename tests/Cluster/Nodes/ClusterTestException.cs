namespace Deucalion.Cluster.Nodes;

/// <summary>A run failed; the message says what was expected and where its logs are.</summary>
internal sealed class ClusterTestException(string message, Exception? inner) : Exception(message, inner);
