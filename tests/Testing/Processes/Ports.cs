using System.Net;
using System.Net.Sockets;

namespace Deucalion.Testing.Processes;

/// <summary>Free ports on 127.0.0.1.</summary>
public static class Ports
{
    public static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
