using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Deucalion.Common.Wire;

/// <summary>Where calls are accepted.</summary>
public static class WireListener
{
    private const int StreamWindow = 1 << 20;

    // Streams whose reader is slow keep their window of it: others go on while fewer than sixteen do.
    private const int ConnectionWindow = 16 * StreamWindow;

    private const int MaxStreams = 1000;

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Listens at <c>host:port</c> (a host that is empty or <c>*</c> means every address) for HTTP/2 alone, with mutual TLS where
    /// <paramref name="tls"/> is given. Limits of Kestrel are those of the whole server, and the ones set here suit calls, not the public: the listener
    /// belongs into a server of its own.
    /// </summary>
    public static void Configure(KestrelServerOptions server, string address, WireTls? tls)
    {
        server.AddServerHeader = false;
        server.Limits.Http2.InitialStreamWindowSize = StreamWindow;
        server.Limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        server.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
        server.Limits.Http2.KeepAlivePingDelay = KeepAlive;
        server.Limits.Http2.KeepAlivePingTimeout = KeepAlive;
        server.Limits.MaxRequestBodySize = null;

        // A peer that takes nothing for a while is slowed down, not cut off.
        server.Limits.MinRequestBodyDataRate = null;
        server.Limits.MinResponseDataRate = null;

        var (host, port) = Parse(address);
        if (host is "" or "*")
        {
            server.ListenAnyIP(port, Options);
        }
        else if (host == "localhost")
        {
            server.ListenLocalhost(port, Options);
        }
        else if (IPAddress.TryParse(host, out var ip))
        {
            server.Listen(ip, port, Options);
        }
        else
        {
            throw new ArgumentException($"'{address}' is no address to listen at: host:port, where host is an IP address, localhost or nothing", nameof(address));
        }

        void Options(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http2;
            if (tls is not null)
            {
                // Asked for each connection, so that a reloaded certificate is used from the next one on.
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls.ForServer()) });
            }
        }
    }

    private static (string Host, int Port) Parse(string address)
    {
        var colon = address.LastIndexOf(':');
        return colon >= 0 && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? (address[..colon].Trim('[', ']'), port)
            : throw new ArgumentException($"'{address}' is no address to listen at: it has no port", nameof(address));
    }
}
