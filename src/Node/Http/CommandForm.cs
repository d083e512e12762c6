using System.Globalization;
using Deucalion.Common.Identifiers;

namespace Deucalion.Node.Http;

/// <summary>Parameters of a command, in the query or as a form. What is missing or no such value is a <see cref="FormatException"/> that names it.</summary>
internal sealed class CommandForm
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CommandForm()
    {
    }

    /// <summary>Reads them.</summary>
    public static async Task<CommandForm> ReadAsync(HttpRequest request)
    {
        var form = new CommandForm();
        foreach (var (name, values) in request.Query)
        {
            form._values[name] = values.ToString();
        }

        if (request.HasFormContentType)
        {
            foreach (var (name, values) in await request.ReadFormAsync(request.HttpContext.RequestAborted))
            {
                form._values[name] = values.ToString();
            }
        }

        return form;
    }

    /// <summary>Whether a parameter is given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>A text.</summary>
    public string Text(string name) =>
        _values.TryGetValue(name, out var value) && value.Length > 0 ? value : throw new FormatException($"parameter {name} is missing");

    /// <summary>A whole number.</summary>
    public int Number(string name) =>
        int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"parameter {name} is no number: {Text(name)}");

    /// <summary>A partition.</summary>
    public PartitionId Partition() => new(Number("partition"));
}
