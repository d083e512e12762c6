using Deucalion.Common.Wire;

namespace Deucalion.Node.Hosting;

/// <summary>Certificates of the HTTP server, or that there are none.</summary>
internal sealed record HttpTls(WireTls? Tls) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Tls?.Dispose();
}
