using System.Net;
using System.Net.Sockets;

namespace Deucalion.Cluster.Nodes;

/// <summary>
/// Ports of servers that are stopped and started again. They lie below the range from which the kernel takes the ports of clients, so that no
/// connection is in the way when a server comes back, and none is given out twice by one process. Thread-safe.
/// </summary>
internal static class ClusterPorts
{
    private const int First = 14_000;
    private const int Count = 16_000;

    private static int Position = Random.Shared.Next(Count);

    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref Position) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // In use by somebody else.
            }
        }

        throw new InvalidOperationException($"no port of {First} to {First + Count} is free");
    }
}
