using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Ruler.Groups;

/// <summary>Reads one mapping of a YAML file key by key; what nobody asked for is an error at the end.</summary>
internal sealed class StrictMapping
{
    private readonly Dictionary<string, YamlNode> _values = [];
    private readonly HashSet<string> _asked = [];
    private readonly YamlNode _node;

    public StrictMapping(YamlNode node)
    {
        _node = node;
        if (IsNull(node))
        {
            return;
        }

        if (node is not YamlMappingNode mapping)
        {
            throw Error(node, "a mapping is expected");
        }

        foreach (var (key, value) in mapping.Children)
        {
            _values[Scalar(key)] = value;
        }
    }

    public long Line => _node.Start.Line;

    /// <summary>The top mapping of a file.</summary>
    /// <exception cref="RuleFileException">Not YAML, or more than one document.</exception>
    public static StrictMapping Load(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new RuleFileException($"yaml: line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }

        return stream.Documents.Count switch
        {
            0 => new StrictMapping(new YamlMappingNode()),
            1 => new StrictMapping(stream.Documents[0].RootNode),
            _ => throw Error(stream.Documents[1].RootNode, "a second document; one is allowed"),
        };
    }

    public bool Has(string key) => _values.TryGetValue(key, out var node) && !IsNull(node);

    public string Text(string key) => Find(key) is { } node ? Scalar(node) : string.Empty;

    public long Duration(string key)
    {
        var text = Text(key);
        return text is "" or "0" ? 0
            : DurationText.TryParse(text, out var milliseconds, out var error) ? milliseconds
            : throw Error(_values[key], error);
    }

    public double Number(string key)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            return 0;
        }

        // YAML's own spellings of what is no ordinary number.
        text = text is ".nan" or ".NaN" or ".NAN" ? "NaN" : text.EndsWith(".inf", StringComparison.OrdinalIgnoreCase) ? text.Replace(".", string.Empty, StringComparison.Ordinal) : text;
        return GoNumber.TryParseFloat(text, out var value) ? value : throw Error(_values[key], $"{LabelText.Quote(text)} is not a number");
    }

    public bool Flag(string key) => Text(key) switch
    {
        "" or "false" => false,
        "true" => true,
        var other => throw Error(_values[key], $"{LabelText.Quote(other)} is neither true nor false"),
    };

    /// <summary>A mapping of texts, in order of the file; null where the key is missing.</summary>
    public Dictionary<string, string>? Texts(string key)
    {
        if (Find(key) is not { } node)
        {
            return null;
        }

        var mapping = new StrictMapping(node);
        var texts = new Dictionary<string, string>();
        foreach (var name in mapping._values.Keys)
        {
            texts[name] = mapping.Text(name);
        }

        return texts;
    }

    /// <summary>The elements of a list; none where the key is missing.</summary>
    public IReadOnlyList<YamlNode> List(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children],
        var other => throw Error(other, "a list is expected"),
    };

    /// <summary>Fails where the mapping has keys that were not asked for.</summary>
    public void Finish(string type)
    {
        foreach (var (key, value) in _values)
        {
            if (!_asked.Contains(key))
            {
                throw Error(value, $"field {key} not found in {type}");
            }
        }
    }

    public RuleFileException Error(string message) => Error(_node, message);

    public static string Scalar(YamlNode node) => node is YamlScalarNode scalar ? scalar.Value ?? string.Empty : throw Error(node, "a single value is expected");

    public static RuleFileException Error(YamlNode node, string message) => new($"line {node.Start.Line}: {message}");

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" };

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return Has(key) ? _values[key] : null;
    }
}
