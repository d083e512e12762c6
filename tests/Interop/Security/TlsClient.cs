using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Deucalion.Common.Wire;

namespace Deucalion.Interop.Security;

/// <summary>Clients that believe one authority, and show a certificate or none.</summary>
internal static class TlsClient
{
    public static SocketsHttpHandler Of(string authority, WireTlsOptions? shown = null)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(authority);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,

            // A connection for each request: each shakes hands anew.
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                ClientCertificates = shown is null ? null : [X509Certificate2.CreateFromPemFile(shown.CertFile!, shown.KeyFile!)],
            },
        };
    }
}
