using Deucalion.Common.Labels;
using Deucalion.Storage.Head;

namespace Deucalion.Storage.Tests.Head;

/// <summary>What a head should hold, in the plainest form.</summary>
internal sealed class HeadModel
{
    public Dictionary<Labels, ModelSeries> Series { get; private init; } = [];

    public SortedDictionary<long, long> Open { get; private init; } = [];

    public long NextGeneration { get; private set; } = 1;

    public HeadModel Clone() => new()
    {
        Series = Series.ToDictionary(s => s.Key, s => s.Value.Clone()),
        Open = new SortedDictionary<long, long>(Open),
        NextGeneration = NextGeneration,
    };

    /// <summary>What the head should make of a sample; null: accepted as new, true: known, else why not.</summary>
    public (bool Known, SampleRejection? Reason) Judge(Labels labels, long time, string key, long now)
    {
        if (time > now + 600_000)
        {
            return (false, SampleRejection.TooFarInFuture);
        }

        if (!Series.TryGetValue(labels, out var series) || time > series.Newest)
        {
            return (false, null);
        }

        if (series.Samples.TryGetValue(time, out var sample))
        {
            return sample.Held.Key == key ? (true, null) : (false, SampleRejection.DuplicateTimestamp);
        }

        // The newest sample is remembered even after its generation has gone.
        if (time == series.Newest)
        {
            return series.NewestKey == key ? (true, null) : (false, SampleRejection.DuplicateTimestamp);
        }

        return (false, time < series.Newest - 1_800_000 ? SampleRejection.TooOld : null);
    }

    public void Add(Labels labels, long time, HeldSample held)
    {
        var window = time - (((time % TenantHead.WindowLength) + TenantHead.WindowLength) % TenantHead.WindowLength);
        if (!Open.TryGetValue(window, out var generation))
        {
            generation = NextGeneration++;
            Open.Add(window, generation);
        }

        if (!Series.TryGetValue(labels, out var series))
        {
            series = new ModelSeries();
            Series.Add(labels, series);
        }

        series.Samples.Add(time, (held, generation));
        if (time > series.Newest)
        {
            series.Newest = time;
            series.NewestKey = held.Key;
        }
    }

    public void Cut(long window) => Open.Remove(window);

    public void Truncate(long generation)
    {
        foreach (var (labels, series) in Series.ToList())
        {
            foreach (var time in series.Samples.Where(s => s.Value.Generation == generation).Select(s => s.Key).ToList())
            {
                series.Samples.Remove(time);
            }

            if (series.Samples.Count == 0)
            {
                Series.Remove(labels);
            }
        }
    }

    internal sealed class ModelSeries
    {
        public long Newest { get; set; } = long.MinValue;

        public string NewestKey { get; set; } = "";

        public SortedDictionary<long, (HeldSample Held, long Generation)> Samples { get; private init; } = [];

        public ModelSeries Clone() => new() { Newest = Newest, NewestKey = NewestKey, Samples = new(Samples) };
    }
}
