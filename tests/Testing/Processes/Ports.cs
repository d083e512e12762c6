using System.Net;
using System.Net.Sockets;

namespace Deucalion.Testing.Processes;

/// <summary>
/// Free ports on 127.0.0.1. They lie below the range from which the kernel takes the ports of clients, so that no connection is in the way when a
/// server begins to listen, or comes back, and none is given out twice by one process. Thread-safe.
/// </summary>
public static class Ports
{
    private const int First = 14_000;
    private const int Count = 16_000;

    private static int Position = Random.Shared.Next(Count);

    public static int Free()
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

    /// <summary>The first of so many free ports that follow each other.</summary>
    public static int Free(int count)
    {
        for (var first = Free(); ; first = Free())
        {
            var next = first + 1;
            while (next < first + count && Free() == next)
            {
                next++;
            }

            if (next == first + count)
            {
                return first;
            }
        }
    }
}
