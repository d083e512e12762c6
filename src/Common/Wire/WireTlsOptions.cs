using System.Net.Security;

namespace Deucalion.Common.Wire;

/// <summary>Certificate files of a node, PEM.</summary>
public sealed class WireTlsOptions
{
    /// <summary>Certificate that the node shows, then intermediate ones if any. Null: none, which is enough for a client whose peers ask for none.</summary>
    public string? CertFile { get; init; }

    /// <summary>Private key of the certificate, unencrypted.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Authorities: a peer's certificate must lead to one of these, and to no other. Empty: clients are asked for none; such options serve no client.</summary>
    public required string CaFile { get; init; }

    /// <summary>Protocols above TLS, the best first.</summary>
    public IReadOnlyList<SslApplicationProtocol> Protocols { get; init; } = [SslApplicationProtocol.Http2];

    /// <summary>What the certificates are for, as metrics and messages name it.</summary>
    public string Purpose { get; init; } = "cluster";

    /// <summary>How often the files are looked at for changes.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(10);
}
