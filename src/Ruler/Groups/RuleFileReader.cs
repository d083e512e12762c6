using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.PromQL.Parser;
using Deucalion.Ruler.Templates;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Ruler.Groups;

/// <summary>Reads files of rule groups as Prometheus has them; strict: an unknown key is an error.</summary>
public static class RuleFileReader
{
    /// <summary>Reads the groups of a file.</summary>
    /// <exception cref="RuleFileException">The text is not a valid file of rules.</exception>
    public static IReadOnlyList<RuleGroup> Read(string file, string text, ParserOptions options)
    {
        var top = StrictMapping.Load(text);
        var groups = new List<RuleGroup>();
        var names = new HashSet<string>();
        foreach (var node in top.List("groups"))
        {
            var group = ReadGroup(file, new StrictMapping(node), options);
            if (!names.Add(group.Name))
            {
                throw StrictMapping.Error(node, $"groupname: {LabelText.Quote(group.Name)} is repeated in the same file");
            }

            groups.Add(group);
        }

        top.Finish("rulefmt.RuleGroups");
        return groups;
    }

    private static RuleGroup ReadGroup(string file, StrictMapping map, ParserOptions options)
    {
        var name = map.Text("name");
        if (name.Length == 0)
        {
            throw map.Error("Groupname must not be empty");
        }

        var shared = map.Texts("labels");
        var rules = new List<Rule>();
        foreach (var node in map.List("rules"))
        {
            rules.Add(ReadRule(node, name, shared, options));
        }

        var limit = map.Text("limit");
        var group = new RuleGroup
        {
            Name = name,
            File = file,
            Interval = map.Has("interval") ? map.Duration("interval") : null,
            QueryOffset = map.Has("query_offset") ? map.Duration("query_offset") : null,
            Limit = limit.Length == 0 ? 0 : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : throw map.Error($"bad limit {limit}"),
            Rules = rules,
        };
        _ = map.Text("partial_response_strategy");
        map.Finish("rulefmt.RuleGroup");
        return group;
    }

    private static Rule ReadRule(YamlNode node, string group, Dictionary<string, string>? shared, ParserOptions options)
    {
        var map = new StrictMapping(node);
        var record = map.Text("record");
        var alert = map.Text("alert");
        var expression = map.Text("expr");
        var name = record.Length > 0 ? record : alert;
        var annotations = map.Texts("annotations");
        var hasTimes = map.Has("for") || map.Has("keep_firing_for");
        var rule = new Rule
        {
            Name = name,
            IsAlert = alert.Length > 0,
            Expression = expression,
            For = map.Duration("for"),
            KeepFiringFor = map.Duration("keep_firing_for"),
            Labels = ReadLabels(map, shared),
            Annotations = annotations ?? [],
        };
        map.Finish("rulefmt.Rule");
        var problem = (record.Length > 0) == (alert.Length > 0) ? (name.Length > 0 ? "only one of 'record' and 'alert' must be set" : "one of 'record' or 'alert' must be set")
            : expression.Length == 0 ? "field 'expr' must be set in rule"
            : !rule.IsAlert && annotations is { Count: > 0 } ? "invalid field 'annotations' in recording rule"
            : !rule.IsAlert && hasTimes ? "invalid field 'for' or 'keep_firing_for' in recording rule"
            : !LabelText.IsValidName(name) ? $"invalid recording rule name: {name}"
            : rule.IsAlert ? BadTemplate(rule) : null;
        if (problem is null)
        {
            try
            {
                _ = PromQlParser.Parse(expression, options);
            }
            catch (ParseException e)
            {
                problem = $"could not parse expression: {e.Message}";
            }
        }

        return problem is null ? rule : throw map.Error($"group {LabelText.Quote(group)}, rule {LabelText.Quote(name)}: {problem}");
    }

    private static Dictionary<string, string> ReadLabels(StrictMapping map, Dictionary<string, string>? shared)
    {
        var labels = new Dictionary<string, string>();
        foreach (var (name, value) in (IEnumerable<KeyValuePair<string, string>>)[.. shared ?? [], .. map.Texts("labels") ?? []])
        {
            if (!LabelText.IsValidName(name) || name == Labels.MetricName)
            {
                throw map.Error($"invalid label name: {name}");
            }

            labels[name] = value;
        }

        return labels;
    }

    private static string? BadTemplate(Rule rule)
    {
        try
        {
            foreach (var text in rule.Labels.Values.Concat(rule.Annotations.Values))
            {
                Template.Parse(text);
            }

            return null;
        }
        catch (TemplateException e)
        {
            return $"template: {e.Message}";
        }
    }
}
