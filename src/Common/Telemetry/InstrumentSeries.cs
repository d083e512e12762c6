using System.Globalization;

namespace Deucalion.Common.Telemetry;

/// <summary>The state of one tag set of one instrument. Updated without locks, histograms under one.</summary>
internal sealed class InstrumentSeries
{
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly long[] _counts;
    private readonly Lock _histogram = new();
    private double _value;
    private volatile bool _seen;

    internal InstrumentSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, int buckets)
    {
        _tags = tags.ToArray();
        _counts = new long[buckets];
        Labels = [.. _tags.Select(static t => KeyValuePair.Create(t.Key, Convert.ToString(t.Value, CultureInfo.InvariantCulture) ?? string.Empty))];
    }

    internal IReadOnlyList<KeyValuePair<string, string>> Labels { get; }

    internal bool Seen => _seen;

    internal double Value => Volatile.Read(ref _value);

    internal bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != _tags[i].Key || !Equals(tags[i].Value, _tags[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    internal void Forget() => _seen = false;

    internal void Set(double value)
    {
        Volatile.Write(ref _value, value);
        _seen = true;
    }

    internal void Add(double value)
    {
        double before;
        double after;
        do
        {
            before = Volatile.Read(ref _value);
            after = before + value;
        }
        while (BitConverter.DoubleToInt64Bits(Interlocked.CompareExchange(ref _value, after, before)) != BitConverter.DoubleToInt64Bits(before));
        _seen = true;
    }

    internal void Observe(double value, double[] bounds)
    {
        var bucket = Array.BinarySearch(bounds, value);
        bucket = bucket < 0 ? ~bucket : bucket;
        lock (_histogram)
        {
            _counts[bucket]++;
            _value += value;
        }

        _seen = true;
    }

    internal void Snapshot(out long[] counts, out double sum)
    {
        lock (_histogram)
        {
            counts = [.. _counts];
            sum = _value;
        }
    }
}
