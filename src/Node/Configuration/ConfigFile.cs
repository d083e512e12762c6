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
    /// <summary>Applies the file's values to <paramref name="options"/>.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or has errors.</exception>
    public static void Apply(string path, NodeOptions options)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: cannot be read: {e.Message}", e);
        }

        Apply(path, text, Environment.GetEnvironmentVariable, options);
    }

    /// <summary>As above, with the text and the environment given.</summary>
    public static void Apply(string path, string text, Func<string, string?> environment, NodeOptions options)
    {
        var errors = new List<string>();
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new ConfigurationException($"{path}:{e.Start.Line}: not valid YAML: {e.InnerException?.Message ?? e.Message}", e);
        }

        if (stream.Documents.Count > 1)
        {
            throw new ConfigurationException($"{path}:{stream.Documents[1].RootNode.Start.Line}: a second document; one is allowed", null);
        }

        if (stream.Documents.Count == 1)
        {
            Walk(path, string.Empty, stream.Documents[0].RootNode, environment, options, errors);
        }

        if (errors.Count > 0)
        {
            throw new ConfigurationException(string.Join('\n', errors), null);
        }
    }

    private static void Walk(string file, string section, YamlNode node, Func<string, string?> environment, NodeOptions options, List<string> errors)
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
            else if (ConfigSchema.IsSection(path))
            {
                Walk(file, path, value, environment, options, errors);
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
            errors.Add($"{file}:{value.Start.Line}: bad value {Shown(value)} of key \"{key.Path}\": {e.Message}");
        }
    }

    private static string Shown(YamlNode node) => node is YamlScalarNode scalar ? $"\"{scalar.Value}\"" : $"{node}";

    private static string AllowedIn(string section) => string.Join(", ", ConfigSchema.ChildrenOf(section));

    // ${NAME} is the variable, ${NAME:-text} has a default, $$ is a dollar sign.
    private static string Expand(string text, Func<string, string?> environment)
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
