using System.Globalization;
using System.Text;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// Which incarnation the log of one partition is: that of the node's journal, and of those the one with this number, 0 for the first. A log that is begun
/// anew gets another number, so that the table's word about the old one says nothing about it. File <c>epoch</c> beside the checkpoint: 32
/// hexadecimal digits and a line feed.
/// </summary>
internal static class LogEpoch
{
    private const string FileName = "epoch";
    private const string Format = "x32";

    /// <summary>The number in the partition's directory, 0 where there is none.</summary>
    public static UInt128 Read(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (AtomicFile.Read(disk, path) is not { } bytes)
        {
            return 0;
        }

        // It may have been written by a process that was killed before it synced the directory.
        disk.SyncDirectory(directory);
        return UInt128.TryParse(Encoding.ASCII.GetString(bytes).TrimEnd('\n'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var epoch)
            ? epoch
            : throw new LogCorruptException($"{path} holds no number of an incarnation");
    }

    /// <summary>Makes a new number, durably.</summary>
    public static UInt128 Renew(IDisk disk, string directory)
    {
        disk.CreateDirectory(directory);
        var epoch = UInt128.Parse(NodeIdentity.NewId(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        AtomicFile.Write(disk, Path.Combine(directory, FileName), Encoding.ASCII.GetBytes(epoch.ToString(Format, CultureInfo.InvariantCulture) + "\n"));
        return epoch;
    }
}
