using Deucalion.Common.Wire;

namespace Deucalion.Node.Hosting;

/// <summary>Certificates between nodes, or that there are none.</summary>
internal sealed record ClusterTls(WireTls? Tls) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Tls?.Dispose();
}
