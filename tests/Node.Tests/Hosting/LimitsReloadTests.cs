using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Deucalion.Testing;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Deucalion.Node.Tests.Hosting;

/// <summary>Changed limits come into force; wrong ones do not.</summary>
public sealed class LimitsReloadTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly string _main;
    private readonly string _limits;

    public LimitsReloadTests()
    {
        _main = _directory.Child("deucalion.yml");
        _limits = _directory.Child("limits.yml");
        File.WriteAllText(_main, $"limits: {{ file: \"{_limits}\" }}\nretention: {{ time: 5d }}\n");
        File.WriteAllText(_limits, "defaults: { ingestion_rate: 1 }\n");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void KeepsTheOldLimits_WhenTheNewOnesAreWrong()
    {
        var (settings, inForce) = Start();
        File.WriteAllText(_limits, "defaults: { ingestion_rate: fast }\n");
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith($"{_limits}:1: bad value \"fast\" of key \"defaults.ingestion_rate\": ", settings.Reload(), StringComparison.Ordinal);
        Assert.Equal(((long?)1, false, false), (Rate(inForce), settings.LimitsSuccessful, settings.LastSuccessful));
        File.WriteAllText(_limits, "defaults: { ingestion_rate: 2 }\n");
        var before = settings.LimitsLoaded;
        Assert.Null(settings.Reload());
        Assert.Equal(((long?)2, true, true), (Rate(inForce), settings.LimitsSuccessful, settings.LastSuccessful));
        Assert.Equal(TimeSpan.FromMinutes(1), settings.LimitsLoaded - before);
    }

    [Fact]
    public void ReloadsLimitsAlone_AndNothingElseOfTheConfiguration()
    {
        var (settings, inForce) = Start();
        File.WriteAllText(_main, $"limits: {{ file: \"{_limits}\" }}\nretention: {{ time: 6d }}\n");
        File.WriteAllText(_limits, "defaults: { ingestion_rate: 2 }\n");
        Assert.Null(settings.ReloadLimits());
        Assert.Equal(((long?)2, (TimeSpan?)TimeSpan.FromDays(5)), (Rate(inForce), settings.Current.RetentionTime));
        File.WriteAllText(_main, "retention: { time: soon }\n");
        Assert.NotNull(settings.ReloadLimits());
        Assert.Equal(((long?)2, false, true), (Rate(inForce), settings.LimitsSuccessful, settings.LastSuccessful));
        File.WriteAllText(_main, "limits: { defaults: { ingestion_rate: 3 } }\n");
        Assert.Null(settings.ReloadLimits());
        Assert.Equal(((long?)3, ""), (Rate(inForce), settings.Current.LimitsFile));
    }

    [Fact]
    public void SeesThatAFileHasChanged_OnceItStaysSo()
    {
        var (settings, inForce) = Start();
        var source = new ConfigSource(_main, new Dictionary<string, string?>());
        var watch = new LimitsWatch(source, settings, _time);
        var reloads = 0;
        settings.Changed += _ => Interlocked.Increment(ref reloads);

        // As if it were written slowly: each look sees something else, none of it whole.
        foreach (var part in new[] { "defaults:\n", "defaults:\n  ingestion_rate: 1", "defaults:\n  ingestion_rate: 17\n" })
        {
            File.WriteAllText(_limits, part);
            watch.Look();
        }

        Assert.Equal((0, (long?)1), (reloads, Rate(inForce)));
        watch.Look();
        watch.Look();
        Assert.Equal((1, (long?)17), (reloads, Rate(inForce)));

        File.Delete(_limits);
        watch.Look();
        watch.Look();
        Assert.Equal((1, (long?)17, false), (reloads, Rate(inForce), settings.LimitsSuccessful));

        File.WriteAllText(_main, "limits: { defaults: { ingestion_rate: 3 } }\n");
        watch.Look();
        watch.Look();
        Assert.Equal((2, (long?)3, true), (reloads, Rate(inForce), settings.LimitsSuccessful));
    }

    private (ReloadableSettings Settings, ReloadableLimits InForce) Start()
    {
        var source = new ConfigSource(_main, new Dictionary<string, string?>());
        var options = source.Load();
        var settings = new ReloadableSettings(source, options, _time, NullLogger<ReloadableSettings>.Instance);
        var inForce = new ReloadableLimits(options.Limits.ToLimits(options));
        settings.Changed += changed => inForce.Replace(changed.Limits.ToLimits(changed));
        return (settings, inForce);
    }

    private static long? Rate(ReloadableLimits limits) => limits.Of(TenantId.Anonymous).IngestionRate;
}
