using System.Globalization;

namespace Deucalion.Storage.Tools;

/// <summary>Prints blocks as a table, in the columns of promtool's <c>tsdb list</c>.</summary>
public static class BlockTable
{
    private const int MinWidth = 13;
    private const int Padding = 2;
    private static readonly string[] Header = ["BLOCK ULID", "MIN TIME", "MAX TIME", "DURATION", "NUM SAMPLES", "NUM CHUNKS", "NUM SERIES", "SIZE"];

    /// <summary>Writes the table; human readable means dates instead of milliseconds and units after sizes.</summary>
    public static async Task WriteAsync(IReadOnlyList<DatabaseBlock> blocks, bool humanReadable, TextWriter output)
    {
        var rows = new List<string[]> { Header };
        rows.AddRange(blocks.Select(b => Row(b, humanReadable)));
        var widths = Enumerable.Range(0, Header.Length).Select(c => Math.Max(MinWidth, rows.Max(r => r[c].Length) + Padding)).ToArray();
        foreach (var row in rows)
        {
            await output.WriteLineAsync(string.Concat(row.Select((cell, c) => c == row.Length - 1 ? cell : cell.PadRight(widths[c]))));
        }
    }

    private static string[] Row(DatabaseBlock block, bool humanReadable)
    {
        var (meta, stats) = (block.Meta, block.Meta.Stats);
        return
        [
            meta.Ulid,
            humanReadable ? Date(meta.MinTime) : Number(meta.MinTime),
            humanReadable ? Date(meta.MaxTime) : Number(meta.MaxTime),
            DurationOutput.Format(meta.MaxTime - meta.MinTime),
            Number(stats.NumSamples),
            Number(stats.NumChunks),
            Number(stats.NumSeries),
            humanReadable ? Size(block.Bytes) : Number(block.Bytes),
        ];
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Date(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", CultureInfo.InvariantCulture);

    // All units that are not zero, as in 1MiB512KiB.
    private static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var text = string.Empty;
        for (var i = 0; i < units.Length && (bytes > 0 || i == 0); i++, bytes /= 1024)
        {
            if (bytes % 1024 != 0 || (i == 0 && bytes == 0))
            {
                text = Number(bytes % 1024) + units[i] + text;
            }
        }

        return text;
    }
}
