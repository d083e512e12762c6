using System.Globalization;
using Deucalion.Common.Identifiers;
using Microsoft.AspNetCore.Http.Features;

namespace Deucalion.Node.Http;

/// <summary>
/// Parameters of a command, in the query or as a form. What is missing, no such value, given twice or not known is a <see cref="FormatException"/> that names it:
/// a parameter that is passed over would have the command do something else than was meant.
/// </summary>
internal sealed class CommandForm
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CommandForm()
    {
    }

    /// <summary>Reads the parameters of a command, which has these and no others.</summary>
    public static async Task<CommandForm> ReadAsync(HttpRequest request, IReadOnlyList<string> names)
    {
        var form = new CommandForm();
        foreach (var (name, values) in request.Query)
        {
            form.Take(name, values, names);
        }

        foreach (var (name, values) in await FormOfAsync(request))
        {
            form.Take(name, values, names);
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

    /// <summary>Yes or no; no where it is not given.</summary>
    public bool Flag(string name) => Has(name) && ParseFlag(name, Text(name));

    /// <summary>A partition.</summary>
    public PartitionId Partition() => new(Number("partition"));

    /// <summary>Reads yes or no in the spellings that Prometheus takes, those of Go's <c>strconv.ParseBool</c>.</summary>
    public static bool ParseFlag(string name, string value) => value switch
    {
        "1" or "t" or "T" or "true" or "True" or "TRUE" => true,
        "0" or "f" or "F" or "false" or "False" or "FALSE" => false,
        _ => throw new FormatException($"parameter {name} is neither true nor false: {value}"),
    };

    private static async Task<IFormCollection> FormOfAsync(HttpRequest request)
    {
        if (!request.HasFormContentType)
        {
            return request.ContentType is { Length: > 0 } type && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
                ? throw new FormatException($"a body of type {type} is not read: parameters are in the query, or a form (application/x-www-form-urlencoded)")
                : FormCollection.Empty;
        }

        try
        {
            return await request.ReadFormAsync(request.HttpContext.RequestAborted);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            // Also of a body that is longer than is read, or ends too soon.
            throw new FormatException($"the form cannot be read: {exception.Message}", exception);
        }
    }

    private void Take(string name, IReadOnlyCollection<string?> values, IReadOnlyList<string> names)
    {
        if (!names.Contains(name))
        {
            throw new FormatException($"parameter {name} is not known: this takes {string.Join(", ", names)}");
        }

        if (values.Count != 1 || !_values.TryAdd(name, values.First() ?? string.Empty))
        {
            throw new FormatException($"parameter {name} is given more than once");
        }
    }
}
