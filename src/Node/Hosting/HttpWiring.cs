using System.Globalization;
using System.Net;
using System.Net.Security;
using Deucalion.Common.IO;
using Deucalion.Common.Wire;
using Deucalion.Node.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Deucalion.Node.Hosting;

/// <summary>Settings of the node as its HTTP server: address and certificates.</summary>
internal static partial class HttpWiring
{
    /// <summary>Certificates of the server; their files are read now.</summary>
    public static HttpTls Tls(NodeOptions options, IServiceProvider services) => new(options.HttpCertFile.Length == 0 ? null : new WireTls(
        services.GetRequiredService<IDisk>(),
        new WireTlsOptions
        {
            CertFile = options.HttpCertFile,
            KeyFile = options.HttpKeyFile,
            CaFile = options.HttpClientCaFile,
            Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            Purpose = "http",
        },
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<WireMetrics>(),
        services.GetRequiredService<ILogger<WireTls>>()));

    /// <summary>Listens where the settings say.</summary>
    public static void Listen(KestrelServerOptions kestrel, NodeOptions options)
    {
        kestrel.AddServerHeader = false;

        // Endpoints bound their bodies themselves and answer in their own words.
        kestrel.Limits.MaxRequestBodySize = null;
        var (host, port) = Parse(options.HttpListen);
        if (host.Length == 0)
        {
            kestrel.ListenAnyIP(port, Configure);
        }
        else if (host == "localhost")
        {
            kestrel.ListenLocalhost(port, Configure);
        }
        else
        {
            kestrel.Listen(IPAddress.Parse(host), port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            if (options.HttpCertFile.Length > 0)
            {
                // Asked for each connection, so that a reloaded certificate is used from the next one on.
                var services = kestrel.ApplicationServices;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(services.GetRequiredService<HttpTls>().Tls!.ForServer()) });
            }
        }
    }

    /// <summary>Says who can reach the node and do what.</summary>
    public static void Explain(ILogger logger, NodeOptions options)
    {
        if (options.AuthFile.Length == 0)
        {
            if (IsLoopback(options.HttpListen))
            {
                Log.LoopbackOnly(logger);
            }
            else if (options.HttpClientCaFile.Length > 0)
            {
                Log.CertificatesOnly(logger, options.HttpListen);
            }
            else
            {
                Log.OpenToAll(logger, options.HttpListen);
            }
        }
        else if (!IsLoopback(options.HttpListen) && options.HttpCertFile.Length == 0)
        {
            Log.ClearText(logger, options.HttpListen);
        }

        if (options.IsClustered && options.ClusterCaFile.Length == 0 && !IsLoopback(options.ClusterListen))
        {
            Log.OpenCluster(logger, options.ClusterListen);
        }
    }

    private static bool IsLoopback(string address)
    {
        var (host, _) = Parse(address);
        return host == "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }

    private static (string Host, int Port) Parse(string address)
    {
        var colon = address.LastIndexOf(':');
        return (address[..colon].Trim('[', ']'), int.Parse(address[(colon + 1)..], CultureInfo.InvariantCulture));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Listens on loopback alone: only this machine reads and writes. http.listen names another address, auth.file who may do what (docs/security.md)")]
        public static partial void LoopbackOnly(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "Everybody who reaches {Address} may read, write and operate this node: auth.file is not set (docs/security.md)")]
        public static partial void OpenToAll(ILogger logger, string address);

        [LoggerMessage(3, LogLevel.Warning, "Everybody who reaches {Address} with a certificate of http.tls.client_ca_file may read, write and operate this node: auth.file is not set (docs/security.md)")]
        public static partial void CertificatesOnly(ILogger logger, string address);

        [LoggerMessage(4, LogLevel.Warning, "Credentials go to {Address} in clear text unless a proxy in front speaks TLS: http.tls.cert_file is not set (docs/security.md)")]
        public static partial void ClearText(ILogger logger, string address);

        [LoggerMessage(5, LogLevel.Warning, "Everybody who reaches {Address} may call as a node of the cluster, past auth.file: cluster.tls is not set (docs/security.md)")]
        public static partial void OpenCluster(ILogger logger, string address);
    }
}
