using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Configuration;

/// <summary>
/// Reads the YAML configuration file strictly: an unknown key, a value of the wrong kind or a missing environment variable is an error that
/// names file, line, key and what is allowed. All errors of a file are reported at once.
/// </summary>
internal static class ConfigFile
{
    private const string LimitsPrefix = "limits.";

    /// <summary>Applies the file's values to <paramref name="options"/>.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or has errors.</exception>
    public static void Apply(string path, NodeOptions options)
    {
        Apply(path, Text(path), Environment.GetEnvironmentVariable, options);
    }

    /// <summary>Reads a separate file of limits, within the bounds of the other options.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or has errors.</exception>
    public static LimitsSection ReadLimits(string path, NodeOptions options)
    {
        var errors = new List<string>();
        var reader = new LimitsReader(path, string.Empty, Environment.GetEnvironmentVariable, LimitSchema.BoundsOf(options), errors);
        var section = Root(path, Text(path)) is { } root ? reader.ReadFile(root) : LimitsSection.Empty;
        return errors.Count == 0 ? section : throw new ConfigurationException(string.Join('\n', errors), null);
    }

    /// <summary>As above, with the text and the environment given.</summary>
    public static void Apply(string path, string text, Func<string, string?> environment, NodeOptions options)
    {
        var errors = new List<string>();
        var limits = new Dictionary<string, YamlNode>();
        if (Root(path, text) is { } root)
        {
            Walk(path, string.Empty, root, environment, options, limits, errors);
        }

        // After the bounds, wherever in the file these are.
        options.Limits = new LimitsReader(path, LimitsPrefix, environment, LimitSchema.BoundsOf(options), errors)
            .Read(limits.GetValueOrDefault(LimitsReader.Defaults), limits.GetValueOrDefault(LimitsReader.Overrides));
        if (errors.Count > 0)
        {
            throw new ConfigurationException(string.Join('\n', errors), null);
        }
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static YamlNode? Root(string path, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new ConfigurationException($"{path}:{e.Start.Line}: not valid YAML: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException or NullReferenceException)
        {
            // The parser has some failures that it does not put into words of its own.
            throw new ConfigurationException($"{path}: not valid YAML", e);
        }

        return stream.Documents.Count > 1
            ? throw new ConfigurationException($"{path}:{stream.Documents[1].RootNode.Start.Line}: a second document; one is allowed", null)
            : stream.Documents.Count == 1 ? stream.Documents[0].RootNode : null;
    }

    private static void Walk(
        string file, string section, YamlNode node, Func<string, string?> environment, NodeOptions options, Dictionary<string, YamlNode> limits, List<string> errors)
    {
        // An empty file or section is a scalar without text.
        if (node is YamlScalarNode { Value: null or "" or "~" or "null" })
        {
            return;
        }

        if (node is not YamlMappingNode mapping)
        {
            errors.Add($"{file}:{node.Start.Line}: {(section.Length == 0 ? "the file" : $"key \"{section}\"")} must be a mapping with the keys {AllowedIn(section)}");
            return;
        }

        foreach (var (keyNode, value) in mapping.Children)
        {
            var name = (keyNode as YamlScalarNode)?.Value ?? string.Empty;
            var path = section.Length == 0 ? name : $"{section}.{name}";
            if (ConfigSchema.ByPath.TryGetValue(path, out var key))
            {
                SetValue(file, key, value, environment, options, errors);
            }
            else if (path is LimitsPrefix + LimitsReader.Defaults or LimitsPrefix + LimitsReader.Overrides)
            {
                limits[name] = value;
            }
            else if (ConfigSchema.IsSection(path))
            {
                Walk(file, path, value, environment, options, limits, errors);
            }
            else
            {
                errors.Add($"{file}:{keyNode.Start.Line}: unknown key \"{path}\"; allowed {(section.Length == 0 ? "at the top" : $"under \"{section}\"")}: {AllowedIn(section)}");
            }
        }
    }

    private static void SetValue(string file, ConfigKey key, YamlNode value, Func<string, string?> environment, NodeOptions options, List<string> errors)
    {
        try
        {
            var text = value switch
            {
                YamlScalarNode scalar => Expand(scalar.Value ?? string.Empty, environment),
                YamlSequenceNode sequence when sequence.All(static n => n is YamlScalarNode) =>
                    string.Join(',', sequence.Select(n => Expand(((YamlScalarNode)n).Value ?? string.Empty, environment))),
                _ => throw new FormatException($"{key.Type} is allowed, not a mapping"),
            };
            key.Set(options, text);
        }
        catch (FormatException e)
        {
            errors.Add($"{file}:{value.Start.Line}: bad value {(key.IsSecret ? ConfigValue.Hidden : Shown(value))} of key \"{key.Path}\": {e.Message}");
        }
    }

    private static string Shown(YamlNode node) => node is YamlScalarNode scalar ? $"\"{scalar.Value}\"" : $"{node}";

    private static string AllowedIn(string section) => string.Join(", ", ConfigSchema.ChildrenOf(section));

    /// <summary>A value with its variables replaced: ${NAME} is the variable, ${NAME:-text} has a default, $$ is a dollar sign.</summary>
    public static string Expand(string text, Func<string, string?> environment)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{')
            {
                var end = text.IndexOf('}', i);
                if (end < 0)
                {
                    throw new FormatException("\"${\" is not closed by \"}\"; write $$ for a dollar sign");
                }

                var parts = text[(i + 2)..end].Split(":-", 2);
                result.Append(environment(parts[0]) ?? (parts.Length == 2 ? parts[1]
                    : throw new FormatException($"environment variable {parts[0]} is not set; set it or write ${{{parts[0]}:-default}}")));
                i = end;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}
