using Deucalion.Node.Configuration;

namespace Deucalion.Node.Hosting;

/// <summary>
/// The settings in force. A reload reads all sources anew; when they are right, keys marked reloadable change and the others keep the value of the
/// start (changes to them are named). When something is wrong, nothing changes. The limits of tenants may be reloaded by themselves, too. Thread-safe.
/// </summary>
internal sealed partial class ReloadableSettings(ConfigSource source, NodeOptions initial, TimeProvider clock, ILogger<ReloadableSettings> logger)
{
    private readonly Lock _lock = new();
    private volatile NodeOptions _current = initial;

    /// <summary>The settings in force.</summary>
    public NodeOptions Current => _current;

    /// <summary>Whether the last reload was successful (the start counts as one).</summary>
    public bool LastSuccessful { get; private set; } = true;

    /// <summary>When settings were last loaded.</summary>
    public DateTimeOffset LastLoaded { get; private set; } = clock.GetUtcNow();

    /// <summary>Whether the limits of tenants were right when they were last read.</summary>
    public bool LimitsSuccessful { get; private set; } = true;

    /// <summary>When the limits in force were loaded.</summary>
    public DateTimeOffset LimitsLoaded { get; private set; } = clock.GetUtcNow();

    /// <summary>Raised after the settings have changed.</summary>
    public event Action<NodeOptions>? Changed;

    /// <summary>Reloads; returns null, or what is wrong.</summary>
    public string? Reload()
    {
        lock (_lock)
        {
            NodeOptions loaded;
            try
            {
                loaded = source.Load();
            }
            catch (ConfigurationException e)
            {
                LastSuccessful = LimitsSuccessful = false;
                Log.Refused(logger, e.Message);
                return e.Message;
            }

            var fixedKeys = new List<string>();
            foreach (var key in ConfigSchema.Keys)
            {
                var before = key.Get(_current);
                if (!key.Reloadable && key.Get(loaded) != before)
                {
                    fixedKeys.Add(key.Path);
                    key.Set(loaded, before);
                }
            }

            _current = loaded;
            LastSuccessful = LimitsSuccessful = true;
            LastLoaded = LimitsLoaded = clock.GetUtcNow();
            Log.Reloaded(logger);
            if (fixedKeys.Count > 0)
            {
                Log.NeedsRestart(logger, string.Join(", ", fixedKeys));
            }
        }

        Changed?.Invoke(_current);
        return null;
    }

    /// <summary>Reloads the limits of tenants and nothing else; returns null, or what is wrong.</summary>
    public string? ReloadLimits()
    {
        lock (_lock)
        {
            try
            {
                var loaded = source.Load();
                _current = _current.WithLimits(loaded.LimitsFile, loaded.Limits);
            }
            catch (ConfigurationException e)
            {
                LimitsSuccessful = false;
                Log.LimitsRefused(logger, e.Message);
                return e.Message;
            }

            LimitsSuccessful = true;
            LimitsLoaded = clock.GetUtcNow();
            Log.LimitsReloaded(logger, _current.Limits.Overrides.Count);
        }

        Changed?.Invoke(_current);
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Configuration reloaded")]
        public static partial void Reloaded(ILogger logger);

        [LoggerMessage(2, LogLevel.Error, "Configuration not reloaded, the old one stays in force: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Changed keys that need a restart keep their value: {Keys}")]
        public static partial void NeedsRestart(ILogger logger, string keys);

        [LoggerMessage(4, LogLevel.Information, "Limits reloaded, {Tenants} tenants have their own")]
        public static partial void LimitsReloaded(ILogger logger, int tenants);

        [LoggerMessage(5, LogLevel.Error, "Limits not reloaded, the old ones stay in force: {Reason}")]
        public static partial void LimitsRefused(ILogger logger, string reason);
    }
}
