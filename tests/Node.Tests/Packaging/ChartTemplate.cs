using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Tests.Packaging;

/// <summary>
/// The part of Helm's template language that the chart uses: <c>define</c>, <c>if</c>, <c>else</c>, <c>end</c>, pipelines, paths from the root, and a few functions. Stricter
/// than Helm: a path that does not exist is an error, so that a misspelt value is found.
/// </summary>
internal sealed partial class ChartTemplate(YamlMappingNode root)
{
    private readonly Dictionary<string, IReadOnlyList<Part>> _defined = [];

    private abstract record Part;

    private sealed record Literal(string Text) : Part;

    private sealed record Output(string Pipeline) : Part;

    private sealed record Condition(string Pipeline, IReadOnlyList<Part> Then, IReadOnlyList<Part> Else) : Part;

    /// <summary>Renders a file; what it defines can be included by files that follow.</summary>
    public string Render(string text)
    {
        var actions = new Queue<Part>(Split(text));
        var parts = Parse(actions, out var end);
        return end.Length == 0 ? Text(parts) : throw new FormatException($"{{{{ {end} }}}} without a beginning");
    }

    private static IEnumerable<Part> Split(string text)
    {
        var from = 0;
        var trim = false;
        foreach (Match action in Action().Matches(text))
        {
            var literal = text[from..action.Index];
            literal = trim ? literal.TrimStart() : literal;
            yield return new Literal(action.Groups[1].Length > 0 ? literal.TrimEnd() : literal);
            yield return new Output(action.Groups[2].Value);
            trim = action.Groups[3].Length > 0;
            from = action.Index + action.Length;
        }

        yield return new Literal(trim ? text[from..].TrimStart() : text[from..]);
    }

    private List<Part> Parse(Queue<Part> parts, out string end)
    {
        var result = new List<Part>();
        end = string.Empty;
        while (parts.TryDequeue(out var part))
        {
            if (part is not Output { Pipeline: var pipeline })
            {
                result.Add(part);
            }
            else if (pipeline is "end" or "else")
            {
                end = pipeline;
                return result;
            }
            else if (pipeline.StartsWith("if ", StringComparison.Ordinal))
            {
                var then = Parse(parts, out var ended);
                var otherwise = ended == "else" ? Parse(parts, out ended) : [];
                result.Add(new Condition(Ended(pipeline, ended)[3..], then, otherwise));
            }
            else if (pipeline.StartsWith("define ", StringComparison.Ordinal))
            {
                var body = Parse(parts, out var ended);
                _defined.Add(Ended(pipeline, ended)[7..].Trim('"'), body);
            }
            else
            {
                result.Add(part);
            }
        }

        return result;
    }

    private static string Ended(string beginning, string end) => end == "end" ? beginning : throw new FormatException($"{{{{ {beginning} }}}} without an end");

    private string Text(IReadOnlyList<Part> parts) => string.Concat(parts.Select(part => part switch
    {
        Literal literal => literal.Text,
        Output output => Text(Evaluate(output.Pipeline)),
        Condition condition => Text(IsEmpty(Evaluate(condition.Pipeline)) ? condition.Else : condition.Then),
        _ => throw new InvalidOperationException(),
    }));

    private static string Text(object? value) => value switch
    {
        string text => text,
        YamlScalarNode scalar => scalar.Value ?? string.Empty,
        _ => throw new FormatException($"{value} is no text"),
    };

    private static bool IsEmpty(object? value) => value switch
    {
        YamlMappingNode mapping => mapping.Children.Count == 0,
        YamlSequenceNode sequence => sequence.Children.Count == 0,
        bool flag => !flag,
        _ => Text(value) is "" or "false" or "0",
    };

    private object Evaluate(string pipeline)
    {
        var words = new Queue<string>(Word().Matches(pipeline).Select(static m => m.Value));
        var value = Pipeline(words);
        return words.Count == 0 ? value : throw new FormatException($"\"{words.Peek()}\" is left of {pipeline}");
    }

    private object Pipeline(Queue<string> words)
    {
        var value = Command(words, []);
        while (words.TryPeek(out var next) && next == "|")
        {
            words.Dequeue();
            value = Command(words, [value]);
        }

        return value;
    }

    private object Command(Queue<string> words, IReadOnlyList<object> piped)
    {
        var first = words.Dequeue();
        if (!char.IsAsciiLetter(first[0]))
        {
            return Term(first, words);
        }

        var arguments = new List<object>();
        while (words.TryPeek(out var next) && next is not ("|" or ")"))
        {
            arguments.Add(Term(words.Dequeue(), words));
        }

        return Call(first, [.. arguments, .. piped]);
    }

    private object Term(string word, Queue<string> words)
    {
        switch (word[0])
        {
            case '"':
                return Regex.Unescape(word[1..^1]);
            case '(':
                var value = Pipeline(words);
                return words.Dequeue() == ")" ? value : throw new FormatException("a parenthesis is not closed");
            case '.':
                return word[1..].Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate((YamlNode)root, (node, key) =>
                    node is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var child) ? child : throw new FormatException($"there is no {word}"));
            default:
                return word;
        }
    }

    private object Call(string function, IReadOnlyList<object> arguments) => (function, arguments) switch
    {
        ("include", [string name, _]) => Text(_defined[name]),
        ("toYaml", [YamlNode node]) => YamlText.Write(node),
        ("nindent", [string width, var value]) => Indented(Text(value), int.Parse(width, CultureInfo.InvariantCulture)),
        ("quote", [var value]) => $"\"{Text(value)}\"",
        ("default", [var fallback, var value]) => IsEmpty(value) ? fallback : value,
        ("not", [var value]) => IsEmpty(value),
        ("sha256sum", [string text]) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
        _ => throw new FormatException($"{function} with {arguments.Count} arguments is not known"),
    };

    private static string Indented(string text, int width) => "\n" + string.Join('\n', text.Split('\n').Select(line => new string(' ', width) + line));

    [GeneratedRegex(@"\{\{(-?)\s*(.*?)\s*(-?)\}\}", RegexOptions.Singleline)]
    private static partial Regex Action();

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|[()|]|[^\s()|"]+
        """)]
    private static partial Regex Word();
}
