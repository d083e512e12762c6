namespace Deucalion.Node.Cli.Cluster;

/// <summary>Rows under headings, in columns as wide as what is in them; columns of numbers stand to the right.</summary>
internal sealed class TextTable
{
    private const string Gap = "  ";

    private readonly string[] _headings;
    private readonly List<string[]> _rows = [];

    /// <summary>A table without rows. A heading that begins with <c>&gt;</c> makes its column stand to the right.</summary>
    public TextTable(params string[] headings) => _headings = headings;

    /// <summary>Adds a row with a cell for each heading.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes it, without spaces at the ends of lines.</summary>
    public async Task WriteAsync(TextWriter output)
    {
        var headings = _headings.Select(static heading => heading.TrimStart('>')).ToArray();
        var widths = headings.Select((heading, column) => _rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        foreach (var row in _rows.Prepend(headings))
        {
            var cells = row.Select((cell, column) => _headings[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            await output.WriteLineAsync(string.Join(Gap, cells).TrimEnd());
        }
    }
}
