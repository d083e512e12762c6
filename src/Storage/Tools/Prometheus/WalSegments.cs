using System.Globalization;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>Names of the numbered files and directories of a Prometheus head.</summary>
internal static class WalSegments
{
    private const string CheckpointPrefix = "checkpoint.";

    /// <summary>Numbered files of a directory in order; none where it does not exist. A gap in the numbers is <see cref="WalException"/>.</summary>
    public static IReadOnlyList<string> In(string directory, long after)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var files = new SortedList<long, string>();
        foreach (var path in Directory.GetFiles(directory))
        {
            if (Number(Path.GetFileName(path)) is { } number && number > after)
            {
                files.Add(number, path);
            }
        }

        for (var i = 1; i < files.Count; i++)
        {
            if (files.Keys[i] != files.Keys[i - 1] + 1)
            {
                throw new WalException(directory, 0, $"file {files.Keys[i - 1] + 1} is missing", null);
            }
        }

        if (after >= 0 && files.Count > 0 && files.Keys[0] != after + 1)
        {
            throw new WalException(directory, 0, $"file {after + 1}, which follows the checkpoint, is missing", null);
        }

        return [.. files.Values];
    }

    /// <summary>The newest complete checkpoint of a log and the last segment that is in it, or null and -1.</summary>
    public static (string? Path, long Segment) Checkpoint(string wal)
    {
        (string? Path, long Segment) newest = (null, -1);
        if (Directory.Exists(wal))
        {
            // One that is being written ends in .tmp and so has no number.
            foreach (var directory in Directory.GetDirectories(wal, CheckpointPrefix + "*"))
            {
                if (Number(Path.GetFileName(directory)[CheckpointPrefix.Length..]) is { } number && number > newest.Segment)
                {
                    newest = (directory, number);
                }
            }
        }

        return newest;
    }

    private static long? Number(string name) =>
        long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
