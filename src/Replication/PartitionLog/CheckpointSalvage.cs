using Deucalion.Common.IO;
using Deucalion.Common.Log;

namespace Deucalion.Replication.PartitionLog;

/// <summary>Looks at a checkpoint on an operator's word: one that is damaged is put aside.</summary>
internal static class CheckpointSalvage
{
    /// <summary>Seq of a checkpoint that is whole, 0 where there is none.</summary>
    public static long Run(IDisk disk, string path)
    {
        try
        {
            using var reader = CheckpointReader.Open(disk, path);
            while (reader?.NextSection() == true)
            {
                // Reading verifies.
            }

            if (reader is not null)
            {
                disk.SyncDirectory(Path.GetDirectoryName(path)!);
            }

            return reader?.Header.Seq ?? 0;
        }
        catch (LogCorruptException)
        {
            disk.Rename(path, path + ".damaged");
            disk.SyncDirectory(Path.GetDirectoryName(path)!);
            return 0;
        }
    }
}
