using System.Globalization;

namespace Deucalion.Cluster.Network;

/// <summary>
/// Tells which process a loopback connection comes from, by the kernel's tables of sockets and of open files. So one proxy in front of a node
/// serves all its peers and still treats each of them apart, without any help from the node.
/// </summary>
internal static class SocketOwners
{
    /// <summary>
    /// The process among <paramref name="processes"/> whose socket is bound to <paramref name="clientPort"/> and connected to
    /// <paramref name="serverPort"/>; null if it is none of them, or gone.
    /// </summary>
    public static int? Find(int clientPort, int serverPort, IEnumerable<int> processes)
    {
        var inode = InodeOf("/proc/net/tcp", clientPort, serverPort) ?? InodeOf("/proc/net/tcp6", clientPort, serverPort);
        if (inode is null)
        {
            return null;
        }

        var link = $"socket:[{inode}]";
        foreach (var process in processes)
        {
            if (Holds(process, link))
            {
                return process;
            }
        }

        return null;
    }

    // "sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...", addresses as hex with the port behind a colon.
    private static string? InodeOf(string table, int localPort, int remotePort)
    {
        var local = ":" + localPort.ToString("X4", CultureInfo.InvariantCulture);
        var remote = ":" + remotePort.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(table))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[1].EndsWith(local, StringComparison.Ordinal) && fields[2].EndsWith(remote, StringComparison.Ordinal) && fields[9] != "0")
            {
                return fields[9];
            }
        }

        return null;
    }

    private static bool Holds(int process, string link)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(f => File.ResolveLinkTarget(f, returnFinalTarget: false)?.Name == link);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended, or closed a file, while its list was read.
            return false;
        }
    }
}
