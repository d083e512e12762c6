namespace Deucalion.Cluster.Scenarios;

/// <summary>The cluster broke a promise; the message says which, and what had happened before.</summary>
internal sealed class ScenarioFailedException(string message) : Exception(message);
