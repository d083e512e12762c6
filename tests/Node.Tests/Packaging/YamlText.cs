using Xunit;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Tests.Packaging;

/// <summary>YAML as trees, read with anchors and merges resolved.</summary>
internal static class YamlText
{
    /// <summary>The one document of a text.</summary>
    public static YamlMappingNode Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new MergingParser(new Parser(new StringReader(text))));
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    /// <summary>The text of a tree, in block style as Helm writes it.</summary>
    public static string Write(YamlNode node)
    {
        foreach (var part in node.AllNodes)
        {
            if (part is YamlMappingNode { Children.Count: > 0 } mapping)
            {
                mapping.Style = MappingStyle.Block;
            }
            else if (part is YamlSequenceNode { Children.Count: > 0 } sequence)
            {
                sequence.Style = SequenceStyle.Block;
            }
        }

        using var writer = new StringWriter();
        new YamlStream(new YamlDocument(node)).Save(writer, false);
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal).TrimEnd();
    }

    /// <summary>The node at a path of keys and indices.</summary>
    public static YamlNode At(this YamlNode node, params object[] path) => path.Aggregate(node, static (n, step) => step is int index ? n[index] : n[(string)step]);

    /// <summary>The scalar at a path.</summary>
    public static string TextAt(this YamlNode node, params object[] path) => ((YamlScalarNode)node.At(path)).Value!;

    /// <summary>Keys and scalars of a mapping at a path.</summary>
    public static Dictionary<string, string> PairsAt(this YamlNode node, params object[] path) =>
        ((YamlMappingNode)node.At(path)).ToDictionary(static p => ((YamlScalarNode)p.Key).Value!, static p => ((YamlScalarNode)p.Value).Value!);

    /// <summary>Elements of a sequence at a path.</summary>
    public static List<YamlNode> ItemsAt(this YamlNode node, params object[] path) => [.. (YamlSequenceNode)node.At(path)];

    public static bool Has(this YamlNode node, string key) => ((YamlMappingNode)node).Children.ContainsKey(key);
}
