using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Configuration;

/// <summary>
/// Reads <c>defaults</c> and <c>overrides</c> of limits as strictly as the rest of the configuration; what is wrong is added to a list. Used once.
/// </summary>
/// <param name="file">Name of the file, for messages.</param>
/// <param name="prefix">What is put before the names of keys in messages: <c>limits.</c> in the main file.</param>
/// <param name="environment">Values of variables.</param>
/// <param name="bounds">The node's own bounds.</param>
/// <param name="errors">What is wrong.</param>
internal sealed class LimitsReader(string file, string prefix, Func<string, string?> environment, TenantLimits bounds, List<string> errors)
{
    /// <summary>Name of the section of defaults.</summary>
    public const string Defaults = "defaults";

    /// <summary>Name of the section of tenants.</summary>
    public const string Overrides = "overrides";

    /// <summary>Reads a separate file of limits.</summary>
    public LimitsSection ReadFile(YamlNode root)
    {
        YamlNode? defaults = null, overrides = null;
        foreach (var (name, key, value) in Entries(root, string.Empty, $"{Defaults}, {Overrides}"))
        {
            if (name is Defaults)
            {
                defaults = value;
            }
            else if (name is Overrides)
            {
                overrides = value;
            }
            else
            {
                errors.Add($"{file}:{key.Start.Line}: unknown key \"{prefix}{name}\"; allowed at the top: {Defaults}, {Overrides}");
            }
        }

        return Read(defaults, overrides);
    }

    /// <summary>Reads the two sections, each of which may be absent.</summary>
    public LimitsSection Read(YamlNode? defaults, YamlNode? overrides)
    {
        var general = defaults is null ? [] : Values(defaults, prefix + Defaults);
        var tenants = new Dictionary<TenantId, IReadOnlyList<LimitValue>>();
        if (overrides is not null)
        {
            foreach (var (name, key, value) in Entries(overrides, prefix + Overrides, "names of tenants"))
            {
                if (TenantId.TryParse(name, out var tenant, out var error))
                {
                    tenants[tenant] = Values(value, $"{prefix}{Overrides}.{name}");
                }
                else
                {
                    errors.Add($"{file}:{key.Start.Line}: bad tenant \"{name}\" under \"{prefix}{Overrides}\": {error}");
                }
            }
        }

        return new LimitsSection(general, tenants);
    }

    private List<LimitValue> Values(YamlNode node, string section)
    {
        var values = new List<LimitValue>();
        foreach (var (name, keyNode, value) in Entries(node, section, LimitSchema.Names))
        {
            if (!LimitSchema.ByName.TryGetValue(name, out var key))
            {
                errors.Add($"{file}:{keyNode.Start.Line}: unknown key \"{section}.{name}\"; allowed under \"{section}\": {LimitSchema.Names}");
            }
            else if (ValueOf(key, value, $"{section}.{name}") is { } read)
            {
                values.Add(read);
            }
        }

        return values;
    }

    private LimitValue? ValueOf(LimitKey key, YamlNode node, string path)
    {
        try
        {
            var text = node is YamlScalarNode scalar
                ? ConfigFile.Expand(scalar.Value ?? string.Empty, environment)
                : throw new FormatException($"{key.Type} is allowed, not a {(node is YamlMappingNode ? "mapping" : "list")}");
            if (LimitNames.IsBounded(key.Limit) && key.Set(bounds, text).ValueOf(key.Limit) > bounds.ValueOf(key.Limit))
            {
                throw new FormatException($"at most {key.Get(bounds)} is allowed, the node's own bound ({LimitNames.NodeKeyOf(key.Limit)})");
            }

            // What a value needs is checked here, so that using it later cannot fail.
            _ = key.Set(bounds, text);
            return new LimitValue(key, text);
        }
        catch (FormatException e)
        {
            errors.Add($"{file}:{node.Start.Line}: bad value {(node is YamlScalarNode s ? $"\"{s.Value}\"" : $"{node}")} of key \"{path}\": {e.Message}");
            return null;
        }
    }

    private List<(string Name, YamlNode Key, YamlNode Value)> Entries(YamlNode node, string section, string allowed)
    {
        // An empty section is a scalar without text.
        if (node is YamlScalarNode { Value: null or "" or "~" or "null" })
        {
            return [];
        }

        if (node is YamlMappingNode mapping)
        {
            return [.. mapping.Children.Select(static child => ((child.Key as YamlScalarNode)?.Value ?? string.Empty, child.Key, child.Value))];
        }

        errors.Add($"{file}:{node.Start.Line}: {(section.Length == 0 ? "the file" : $"key \"{section}\"")} must be a mapping with {(allowed.StartsWith("names", StringComparison.Ordinal) ? allowed : $"the keys {allowed}")}");
        return [];
    }
}
