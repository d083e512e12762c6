using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Samples;
using Deucalion.Common.Telemetry;
using Deucalion.Common.Tenants;

namespace Deucalion.Node.Telemetry;

/// <summary>
/// Writes the node's own metrics into the node, as a Prometheus that scrapes it would: <c>job="deucalion"</c>, <c>instance</c> = the listen address,
/// <c>up</c> and <c>scrape_*</c> beside them. Series that are no longer reported get a stale marker. One task, started and stopped by the host.
/// </summary>
internal sealed partial class SelfScrape(
    MetricsRegistry registry, IDistributor distributor, TimeProvider clock, string instance, Func<bool> enabled, Func<TimeSpan> interval, ILogger<SelfScrape> logger)
{
    private static readonly Dictionary<string, int> MetadataTypes = new() { ["counter"] = 1, ["gauge"] = 2, ["histogram"] = 3 };

    private HashSet<SeriesKey> _last = [];
    private bool _metadataSent;

    /// <summary>Scrapes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var batch = new WriteBatch();
        while (true)
        {
            if (enabled())
            {
                await ScrapeAsync(batch, cancellationToken);
            }

            await Task.Delay(interval(), clock, cancellationToken);
        }
    }

    /// <summary>Writes once.</summary>
    internal async Task ScrapeAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var families = registry.Collect();
        batch.Reset();
        var seen = new HashSet<SeriesKey>();
        foreach (var family in families)
        {
            foreach (var point in family.Points)
            {
                Add(batch, seen, family.Name + point.Suffix, point.Labels, now, point.Value);
            }

            if (!_metadataSent)
            {
                AddMetadata(batch, family);
            }
        }

        var scraped = seen.Count;
        Add(batch, seen, "up", [], now, 1);
        Add(batch, seen, "scrape_samples_scraped", [], now, scraped);
        Add(batch, seen, "scrape_duration_seconds", [], now, clock.GetElapsedTime(begun).TotalSeconds);
        foreach (var gone in _last.Except(seen).ToList())
        {
            Add(batch, [], gone.Name, gone.Labels, now, SpecialValues.StaleNaN);
        }

        _last = seen;
        try
        {
            var outcome = await distributor.WriteAsync(TenantId.Anonymous, batch, cancellationToken);
            _metadataSent |= outcome.RetryableFailure is null;
            if (outcome.RetryableFailure is { } failure)
            {
                Log.NotStored(logger, failure);
            }
            else if (outcome.Rejected > 0)
            {
                Log.NotStored(logger, outcome.RejectionMessage);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(logger, e);
        }
    }

    private static void AddMetadata(WriteBatch batch, MetricFamily family)
    {
        var (name, nameLength) = Text(batch, family.Name);
        var (help, helpLength) = Text(batch, family.Help);
        batch.AddMetadata(new WriteMetadata(MetadataTypes[PrometheusText.TypeName(family.Type)], name, nameLength, help, helpLength, 0, 0));
    }

    private static (int Offset, int Length) Text(WriteBatch batch, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return (batch.AddText(bytes), bytes.Length);
    }

    private void Add(WriteBatch batch, HashSet<SeriesKey> seen, string name, IReadOnlyList<KeyValuePair<string, string>> labels, long time, double value)
    {
        seen.Add(new SeriesKey(name, labels));
        batch.BeginSeries();
        foreach (var (label, text) in labels.Append(new("__name__", name)).Append(new("instance", instance)).Append(new("job", "deucalion"))
            .Where(static l => l.Value.Length > 0).OrderBy(static l => l.Key, StringComparer.Ordinal))
        {
            var (nameOffset, nameLength) = Text(batch, label);
            var (valueOffset, valueLength) = Text(batch, text);
            batch.AddLabel(new WriteLabel(nameOffset, nameLength, valueOffset, valueLength));
        }

        batch.AddSample(time, value);
    }

    private readonly record struct SeriesKey(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels)
    {
        public bool Equals(SeriesKey other) => Name == other.Name && Labels.SequenceEqual(other.Labels);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(Name);
            foreach (var label in Labels)
            {
                hash.Add(label.Value);
            }

            return hash.ToHashCode();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Own metrics were not stored: {Reason}")]
        public static partial void NotStored(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Own metrics were not stored")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
