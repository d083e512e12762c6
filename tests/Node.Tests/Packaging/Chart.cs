using Deucalion.Node.Tests.Operations;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Tests.Packaging;

/// <summary>The chart of deploy/helm, rendered for the release <c>metrics</c> in the namespace <c>watch</c>.</summary>
internal sealed class Chart
{
    private const string Folder = "deploy/helm/deucalion";
    private readonly List<YamlMappingNode> _objects;

    /// <summary>Renders it with some of its values changed.</summary>
    /// <param name="changes">Paths of values with their new YAML.</param>
    public Chart(params (string Path, string Yaml)[] changes)
    {
        var values = Values();
        foreach (var (path, yaml) in changes)
        {
            var keys = path.Split('.');
            ((YamlMappingNode)values.At([.. keys[..^1]])).Children[keys[^1]] = YamlText.Read($"value: {yaml}")["value"];
        }

        var chart = YamlText.Read(Repository.Text($"{Folder}/Chart.yaml"));
        var root = new YamlMappingNode
        {
            { "Values", values },
            { "Chart", new YamlMappingNode("AppVersion", chart.TextAt("appVersion")) },
            { "Release", new YamlMappingNode("Name", "metrics", "Namespace", "watch", "Service", "Helm") },
        };
        var template = new ChartTemplate(root);
        template.Render(Repository.Text($"{Folder}/templates/_helpers.tpl"));
        Notes = template.Render(Repository.Text($"{Folder}/templates/NOTES.txt"));
        _objects = [.. Templates().Select(file => template.Render(File.ReadAllText(file))).Where(static text => text.Trim().Length > 0).Select(YamlText.Read)];
    }

    public string Notes { get; }

    public IReadOnlyList<YamlMappingNode> Objects => _objects;

    public YamlMappingNode StatefulSet => Of("StatefulSet", "metrics");

    public YamlNode Pod => StatefulSet.At("spec", "template", "spec");

    public YamlNode Container => Pod.At("containers", 0);

    public static YamlMappingNode Values() => YamlText.Read(Repository.Text($"{Folder}/values.yaml"));

    public static IEnumerable<string> Templates() => Directory.EnumerateFiles(Repository.PathOf($"{Folder}/templates"), "*.yaml").Order(StringComparer.Ordinal);

    public YamlMappingNode Of(string kind, string name) => _objects.Single(o => o.TextAt("kind") == kind && o.TextAt("metadata", "name") == name);

    /// <summary>The environment of the first pod.</summary>
    public Dictionary<string, string> Environment()
    {
        var result = new Dictionary<string, string>();
        foreach (var variable in Container.ItemsAt("env"))
        {
            var value = variable.Has("value") ? variable.TextAt("value") : variable.TextAt("valueFrom", "fieldRef", "fieldPath") switch
            {
                "metadata.name" => $"{StatefulSet.TextAt("metadata", "name")}-0",
                var label when label.StartsWith("metadata.labels['", StringComparison.Ordinal) => $"the pod's {label[17..^2]}",
                var other => throw new FormatException(other),
            };
            result.Add(variable.TextAt("name"), value.Replace("$(POD_NAME)", result.GetValueOrDefault("POD_NAME"), StringComparison.Ordinal));
        }

        return result;
    }
}
