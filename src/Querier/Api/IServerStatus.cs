namespace Deucalion.Querier.Api;

/// <summary>What the status endpoints tell about the process; the node gives it. Thread-safe.</summary>
public interface IServerStatus
{
    /// <summary>Whether queries can be answered; until then the API answers 503.</summary>
    bool IsReady { get; }

    /// <summary>Whether the process is on its way down.</summary>
    bool IsStopping { get; }

    /// <summary>Whether requests are answered: for a while also when no new ones should come any more.</summary>
    bool IsServing => IsReady;

    /// <summary>When the process started.</summary>
    DateTimeOffset StartTime { get; }

    /// <summary>Whether the last reload of the configuration worked; the start counts as one.</summary>
    bool LastReloadSucceeded => true;

    /// <summary>When the configuration was last loaded.</summary>
    DateTimeOffset LastReload => StartTime;

    /// <summary>The configuration in force, as YAML.</summary>
    string ConfigurationYaml { get; }

    /// <summary>Command-line settings, name → value.</summary>
    IReadOnlyDictionary<string, string> Flags { get; }

    /// <summary>How long data is kept, in words.</summary>
    string Retention { get; }

    /// <summary>Version, revision, branch, buildUser, buildDate and goVersion (here: the runtime's version).</summary>
    BuildInformation Build { get; }
}

/// <summary>What was built, as <c>status/buildinfo</c> shows it.</summary>
public sealed record BuildInformation
{
    /// <summary>Version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>Commit it was built from, or empty.</summary>
    public string Revision { get; init; } = string.Empty;

    /// <summary>Branch it was built from, or empty.</summary>
    public string Branch { get; init; } = string.Empty;

    /// <summary>Who built it, or empty.</summary>
    public string BuildUser { get; init; } = string.Empty;

    /// <summary>When it was built, or empty.</summary>
    public string BuildDate { get; init; } = string.Empty;

    /// <summary>Version of the runtime.</summary>
    public required string Runtime { get; init; }
}
