namespace Deucalion.Replication.Membership;

/// <summary>This program and the cluster have no version of the protocol between nodes in common; the message says what to install.</summary>
public sealed class VersionRefusedException(string message) : InvalidOperationException(message);
