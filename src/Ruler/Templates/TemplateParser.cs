using System.Globalization;
using Deucalion.Common.Text;

namespace Deucalion.Ruler.Templates;

/// <summary>Reads a template into nodes.</summary>
internal sealed class TemplateParser
{
    private readonly List<(string? Text, List<TemplateToken>? Action)> _parts;
    private readonly HashSet<string> _variables = ["$", "$labels", "$externalLabels", "$externalURL", "$value"];
    private List<TemplateToken> _tokens = [];
    private int _part;
    private int _token;

    private TemplateParser(string template)
    {
        _parts = TemplateLexer.Split(template);
    }

    /// <exception cref="TemplateException">The template is not valid.</exception>
    public static IReadOnlyList<TemplateNode> Parse(string template)
    {
        var parser = new TemplateParser(template);
        var nodes = parser.Nodes(out var end);
        return end.Length == 0 ? nodes : throw new TemplateException($"unexpected {{{{{end}}}}}");
    }

    private TemplateToken Peek => _token < _tokens.Count ? _tokens[_token] : default;

    private TemplateToken Next() => _token < _tokens.Count ? _tokens[_token++] : default;

    private bool IsMark(string mark) => Peek.Kind == TemplateTokenKind.Mark && Peek.Text == mark;

    // Nodes up to end or else of the construct around, whose word is given back, or up to the end of the template.
    private List<TemplateNode> Nodes(out string end)
    {
        var nodes = new List<TemplateNode>();
        while (_part < _parts.Count)
        {
            var (text, action) = _parts[_part++];
            if (text is not null)
            {
                nodes.Add(new TextNode(text));
                continue;
            }

            _tokens = action!;
            _token = 0;
            var word = Peek.Kind == TemplateTokenKind.Word ? Peek.Text : string.Empty;
            switch (word)
            {
                case "end" or "else":
                    end = word;
                    Next();
                    return nodes;
                case "if" or "with" or "range":
                    Next();
                    nodes.Add(Construct(word));
                    break;
                case "define" or "template" or "block" or "break" or "continue":
                    throw new TemplateException($"{word} is not supported");
                default:
                    nodes.Add(new ActionNode(WholePipeline()));
                    break;
            }
        }

        end = string.Empty;
        return nodes;
    }

    private TemplateNode Construct(string word)
    {
        var pipeline = WholePipeline();
        var body = Nodes(out var end);
        IReadOnlyList<TemplateNode> otherwise = [];
        if (end == "else")
        {
            if (Peek.Kind == TemplateTokenKind.Word && Peek.Text is "if" or "with")
            {
                // The chained construct's end is that of this one too.
                var chained = Next().Text;
                otherwise = [Construct(chained)];
                end = "end";
            }
            else
            {
                otherwise = Nodes(out end);
            }
        }

        return end != "end" ? throw new TemplateException("unexpected EOF")
            : word == "range" ? new RangeNode(pipeline, body, otherwise)
            : new ConditionNode(pipeline, word == "with", body, otherwise);
    }

    private Pipeline WholePipeline()
    {
        var pipeline = Pipeline();
        return Peek.Kind == TemplateTokenKind.End ? pipeline : throw new TemplateException($"unexpected {Peek.Text} in command");
    }

    private Pipeline Pipeline()
    {
        var variables = new List<string>();
        var declares = false;
        var start = _token;
        while (Peek.Kind == TemplateTokenKind.Variable)
        {
            variables.Add(Next().Text);
            if (IsMark(","))
            {
                Next();
                continue;
            }

            if (IsMark(":=") || IsMark("="))
            {
                declares = Next().Text == ":=";
                break;
            }

            variables.Clear();
            _token = start;
            break;
        }

        var commands = new List<IReadOnlyList<Operand>> { Command() };
        while (IsMark("|"))
        {
            Next();
            commands.Add(Command());
        }

        if (declares)
        {
            _variables.UnionWith(variables);
        }

        return new Pipeline(variables, declares, commands);
    }

    private List<Operand> Command()
    {
        var operands = new List<Operand>();
        while (Peek.Kind != TemplateTokenKind.End && !IsMark("|") && !IsMark(")"))
        {
            operands.Add(Operand());
        }

        return operands.Count > 0 ? operands : throw new TemplateException("missing value for command");
    }

    private Operand Operand()
    {
        var token = Next();
        switch (token.Kind)
        {
            case TemplateTokenKind.Text:
                return new Constant(token.Text);
            case TemplateTokenKind.Number:
                return new Constant(Number(token.Text));
            case TemplateTokenKind.Field:
                return new DotOperand([token.Text[1..], .. Fields()]);
            case TemplateTokenKind.Variable:
                return _variables.Contains(token.Text)
                    ? new VariableOperand(token.Text, Fields())
                    : throw new TemplateException($"undefined variable \"{token.Text}\"");
            case TemplateTokenKind.Mark when token.Text == ".":
                return new DotOperand([]);
            case TemplateTokenKind.Mark when token.Text == "(":
                var pipeline = Pipeline();
                return IsMark(")") && Next().Text == ")" ? new PipelineOperand(pipeline, Fields()) : throw new TemplateException("unclosed left paren");
            case TemplateTokenKind.Word:
                return token.Text switch
                {
                    "true" => new Constant(true),
                    "false" => new Constant(false),
                    "nil" => new Constant(null),
                    var name when TemplateFunctions.Exists(name) => new FunctionOperand(name),
                    var name => throw new TemplateException($"function \"{name}\" not defined"),
                };
            default:
                throw new TemplateException($"unexpected \"{token.Text}\" in operand");
        }
    }

    private List<string> Fields()
    {
        var fields = new List<string>();
        while (Peek is { Kind: TemplateTokenKind.Field, Attached: true })
        {
            fields.Add(Next().Text[1..]);
        }

        return fields;
    }

    private static object Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? (object)integer
            : GoNumber.TryParseFloat(text, out var value) ? value
            : throw new TemplateException($"bad number syntax: \"{text}\"");
}
