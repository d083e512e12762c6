using System.Diagnostics.Metrics;
using Deucalion.Node.Hosting;

namespace Deucalion.Node.Telemetry;

/// <summary>Whether changed settings are in force.</summary>
internal sealed class ReloadMetrics
{
    /// <summary>Creates the instruments.</summary>
    public ReloadMetrics(IMeterFactory factory, ReloadableSettings settings)
    {
        var meter = factory.Create("Deucalion.Node");
        meter.CreateObservableGauge("deucalion_config_reload_successful", () => settings.LastSuccessful ? 1 : 0, null, "Whether the last reload of the configuration was taken (1) or refused (0).");
        meter.CreateObservableGauge("deucalion_limits_reload_successful", () => settings.LimitsSuccessful ? 1 : 0, null, "Whether the limits of tenants that are configured are in force (1), or were refused (0).");
        meter.CreateObservableGauge(
            "deucalion_limits_reload_timestamp_seconds", () => settings.LimitsLoaded.ToUnixTimeMilliseconds() / 1000.0, null, "When the limits in force were loaded, Unix time.");
    }
}
