namespace Deucalion.Common.Wire;

/// <summary>What a server knows of a call besides its messages.</summary>
/// <param name="Peer">Address that the connection comes from, <c>host:port</c>.</param>
/// <param name="Deadline">When the caller stops waiting; null: it did not say.</param>
/// <param name="ClientCertificateName">Common name of the caller's verified certificate; null without TLS.</param>
public sealed record WireCall(string Peer, DateTimeOffset? Deadline, string? ClientCertificateName)
{
    /// <summary>Node that calls, 32 hexadecimal digits; null where the caller is no node. Only mutual TLS vouches for it.</summary>
    public string? Node { get; init; }

    /// <summary>Version of the protocol that the caller speaks; null where it did not say.</summary>
    public int? Protocol { get; init; }
}
