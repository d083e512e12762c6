namespace Deucalion.Node.Configuration;

/// <summary>Where the settings come from: the file, then the command line, which wins. Loaded at the start and again at each reload.</summary>
/// <param name="File">The configuration file, or null.</param>
/// <param name="Arguments">Values of keys given on the command line (null where absent).</param>
internal sealed record ConfigSource(string? File, IReadOnlyDictionary<string, string?> Arguments)
{
    /// <summary>Reads all sources.</summary>
    /// <exception cref="ConfigurationException">Something in them is wrong.</exception>
    public NodeOptions Load()
    {
        var options = new NodeOptions();
        if (File is not null)
        {
            ConfigFile.Apply(File, options);
        }

        foreach (var (path, value) in Arguments)
        {
            if (value is null)
            {
                continue;
            }

            try
            {
                ConfigSchema.ByPath[path].Set(options, value);
            }
            catch (FormatException e)
            {
                throw new ConfigurationException($"bad value \"{value}\" of --{path}: {e.Message}", e);
            }
        }

        if (options.DeleteDelay <= options.QueryTimeout)
        {
            throw new ConfigurationException($"retention.delete_delay ({ConfigValue.Text(options.DeleteDelay)}) must be more than query.timeout ({ConfigValue.Text(options.QueryTimeout)})", null);
        }

        return options;
    }
}
