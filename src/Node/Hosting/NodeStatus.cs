using System.Runtime.InteropServices;
using Deucalion.Node.Cli;
using Deucalion.Node.Configuration;
using Deucalion.Querier.Api;

namespace Deucalion.Node.Hosting;

/// <summary>What the status endpoints of the query API tell about this process.</summary>
internal sealed class NodeStatus(Readiness readiness, ReloadableSettings settings, TimeProvider clock) : IServerStatus
{
    public bool IsReady => readiness.NotReadyBecause is null;

    public bool IsServing => readiness.ClosedBecause is null;

    public bool IsStopping => readiness.IsStopping;

    public DateTimeOffset StartTime { get; } = clock.GetUtcNow();

    public bool LastReloadSucceeded => settings.LastSuccessful;

    public DateTimeOffset LastReload => settings.LastLoaded;

    public string ConfigurationYaml => ConfigSchema.ToYaml(settings.Current);

    public IReadOnlyDictionary<string, string> Flags => ConfigSchema.Keys.ToDictionary(static k => k.Path, k => k.Show(settings.Current));

    public string Retention => (settings.Current.RetentionTime, settings.Current.RetentionSize) switch
    {
        (null, null) => "unlimited",
        ({ } time, null) => ConfigValue.Text(time),
        (null, { } size) => ConfigValue.SizeText(size),
        ({ } time, { } size) => $"{ConfigValue.Text(time)} or {ConfigValue.SizeText(size)}",
    };

    public BuildInformation Build { get; } = new() { Version = CommandLine.Version, Revision = CommandLine.Revision, Runtime = RuntimeInformation.FrameworkDescription };
}
