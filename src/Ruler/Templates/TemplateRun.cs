using System.Text;
using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.Ruler.Evaluation;

namespace Deucalion.Ruler.Templates;

/// <summary>One expansion of a template.</summary>
internal sealed class TemplateRun
{
    private readonly TemplateData _data;
    private readonly StringBuilder _output = new();
    private readonly List<(string Name, object? Value)> _variables;

    public TemplateRun(TemplateData data)
    {
        _data = data;
        _variables =
        [
            ("$", data), ("$labels", data.Labels), ("$externalLabels", data.ExternalLabels),
            ("$externalURL", data.ExternalUrl), ("$value", Field(data, "Value")),
        ];
    }

    public async Task<string> RunAsync(IReadOnlyList<TemplateNode> nodes)
    {
        try
        {
            await BodyAsync(nodes, _data);
            return _output.ToString();
        }
        catch (QueryException e)
        {
            throw new TemplateException($"error calling query: {e.Message}", e);
        }
    }

    private async Task BodyAsync(IReadOnlyList<TemplateNode> nodes, object? dot)
    {
        var mark = _variables.Count;
        foreach (var node in nodes)
        {
            switch (node)
            {
                case TextNode text:
                    _output.Append(text.Text);
                    break;
                case ActionNode action:
                    var value = await ValueAsync(action.Pipeline, dot);
                    if (action.Pipeline.Variables.Count == 0)
                    {
                        _output.Append(TemplateText.Of(value));
                    }

                    break;
                case ConditionNode condition:
                    await ConditionAsync(condition, dot);
                    break;
                case RangeNode range:
                    await RangeAsync(range, dot);
                    break;
            }
        }

        _variables.RemoveRange(mark, _variables.Count - mark);
    }

    private async Task ConditionAsync(ConditionNode node, object? dot)
    {
        var mark = _variables.Count;
        var value = await ValueAsync(node.Pipeline, dot);
        if (TemplateFunctions.IsTrue(value))
        {
            await BodyAsync(node.Then, node.SetsDot ? value : dot);
        }
        else
        {
            await BodyAsync(node.Else, dot);
        }

        _variables.RemoveRange(mark, _variables.Count - mark);
    }

    private async Task RangeAsync(RangeNode node, object? dot)
    {
        var mark = _variables.Count;
        var over = await ValueAsync(node.Pipeline with { Variables = [] }, dot);
        var items = over switch
        {
            List<object?> list => list.Select(static (item, i) => ((object?)(long)i, item)).ToList(),
            Labels labels => Enumerable.Range(0, labels.Count).Select(i => ((object?)labels.NameAt(i), (object?)labels.ValueAt(i))).ToList(),
            null => [],
            _ => throw new TemplateException($"range can't iterate over {TemplateText.Of(over)}"),
        };
        foreach (var (key, value) in items)
        {
            var names = node.Pipeline.Variables;
            if (names.Count > 1)
            {
                _variables.Add((names[0], key));
            }

            if (names.Count > 0)
            {
                _variables.Add((names[^1], value));
            }

            await BodyAsync(node.Body, value);
            _variables.RemoveRange(mark, _variables.Count - mark);
        }

        if (items.Count == 0)
        {
            await BodyAsync(node.Else, dot);
        }
    }

    private async Task<object?> ValueAsync(Pipeline pipeline, object? dot)
    {
        object? value = null;
        for (var i = 0; i < pipeline.Commands.Count; i++)
        {
            value = await CommandAsync(pipeline.Commands[i], dot, i > 0, value);
        }

        if (pipeline.Variables.Count > 0)
        {
            var name = pipeline.Variables[^1];
            if (pipeline.Declares)
            {
                _variables.Add((name, value));
            }
            else
            {
                _variables[_variables.FindLastIndex(v => v.Name == name)] = (name, value);
            }
        }

        return value;
    }

    private async Task<object?> CommandAsync(IReadOnlyList<Operand> operands, object? dot, bool isPiped, object? piped)
    {
        if (operands[0] is not FunctionOperand function)
        {
            return operands.Count == 1 && !isPiped
                ? await OperandAsync(operands[0], dot)
                : throw new TemplateException("can't give argument to non-function");
        }

        var arguments = new List<object?>();
        for (var i = 1; i < operands.Count; i++)
        {
            var argument = await OperandAsync(operands[i], dot);
            if ((function.Name == "and" && !TemplateFunctions.IsTrue(argument)) || (function.Name == "or" && TemplateFunctions.IsTrue(argument)))
            {
                return argument;
            }

            arguments.Add(argument);
        }

        if (isPiped)
        {
            arguments.Add(piped);
        }

        if (function.Name != "query")
        {
            return TemplateFunctions.Call(function.Name, arguments, _data);
        }

        return arguments is [string query]
            ? (await _data.Query(query)).ConvertAll(static row => (object?)row)
            : throw new TemplateException("wrong arguments for query");
    }

    private async Task<object?> OperandAsync(Operand operand, object? dot)
    {
        var value = operand switch
        {
            Constant e => e.Value,
            DotOperand => dot,
            VariableOperand e => _variables.FindLast(v => v.Name == e.Name).Value,
            PipelineOperand e => await ValueAsync(e.Pipeline, dot),
            FunctionOperand e => await CommandAsync([e], dot, false, null),
            _ => throw new TemplateException("unknown operand"),
        };
        foreach (var field in operand.Fields)
        {
            value = Field(value, field);
        }

        return value;
    }

    private static object? Field(object? value, string name) => (value, name) switch
    {
        (Labels labels, _) => labels.Get(name),
        (TemplateData data, "Labels") => data.Labels,
        (TemplateData data, "ExternalLabels") => data.ExternalLabels,
        (TemplateData data, "ExternalURL") => data.ExternalUrl,
        (TemplateData data, "Value") => data.Histogram is null ? data.Value : data.Histogram,
        (RuleSample row, "Labels") => row.Labels,
        (RuleSample row, "Value") => row.Value,
        _ => throw new TemplateException($"can't evaluate field {name}"),
    };
}
