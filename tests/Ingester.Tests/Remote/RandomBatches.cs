using System.Globalization;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

/// <summary>Batches with all kinds of samples by chance, requests for parts of them, and what such a request says as text.</summary>
internal static class RandomBatches
{
    public static void Fill(WriteBatch batch, Random random)
    {
        batch.Reset();
        var withStarts = random.Next(2) == 0;
        for (var s = random.Next(30); s > 0; s--)
        {
            batch.BeginSeries();
            for (var l = random.Next(6); l >= 0; l--)
            {
                batch.AddLabel(Label(batch, random));
            }

            for (var i = random.Next(4); i > 0; i--)
            {
                batch.AddSample(random.NextInt64(-1000, 1L << 45), Value(random), withStarts ? random.NextInt64(3) : 0);
            }

            for (var i = random.Next(6) == 0 ? random.Next(4) : 0; i > 0; i--)
            {
                batch.AddHistogram(random.NextInt64(1L << 45), random.NextInt64(3), Histogram(random));
            }

            for (var i = random.Next(6) == 0 ? random.Next(4) : 0; i > 0; i--)
            {
                batch.AddExemplar(random.NextInt64(1L << 45), Value(random));
                for (var l = random.Next(3); l > 0; l--)
                {
                    batch.AddExemplarLabel(Label(batch, random));
                }
            }
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            var (family, familyLength) = Text(batch, random);
            var (help, helpLength) = Text(batch, random);
            var (unit, unitLength) = Text(batch, random);
            batch.AddMetadata(new WriteMetadata(random.Next(8), family, familyLength, help, helpLength, unit, unitLength));
        }
    }

    /// <summary>A request for some of the series, in order.</summary>
    public static AppendRequest Request(WriteBatch batch, Random random)
    {
        Assert.True(TenantId.TryParse("tenant-" + random.Next(5), out var tenant, out _));
        var series = Enumerable.Range(0, batch.Series.Length).Where(_ => random.Next(3) > 0).ToArray();
        return new AppendRequest
        {
            Tenant = tenant,
            Batch = batch,
            Series = series,
            Hashes = series.Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue)).ToArray(),
            WithMetadata = batch.Metadata.Length > 0 && random.Next(2) == 0,
        };
    }

    public static string Describe(TenantId tenant, WriteBatch batch, ReadOnlySpan<int> series, ReadOnlySpan<ulong> hashes, bool withMetadata)
    {
        var text = new StringBuilder(tenant.Value).AppendLine();
        for (var i = 0; i < series.Length; i++)
        {
            var entry = batch.Series[series[i]];
            text.Append(CultureInfo.InvariantCulture, $"{hashes[i]:x}");
            Append(text, batch, batch.Labels.Slice(entry.FirstLabel, entry.LabelCount));
            for (var s = entry.FirstSample; s < entry.FirstSample + entry.SampleCount; s++)
            {
                var start = batch.StartTimes.IsEmpty ? 0 : batch.StartTimes[s];
                text.Append(CultureInfo.InvariantCulture, $" {batch.Times[s]}:{BitConverter.DoubleToUInt64Bits(batch.Values[s]):x}:{start}");
            }

            foreach (var histogram in batch.Histograms.Slice(entry.FirstHistogram, entry.HistogramCount))
            {
                text.Append(CultureInfo.InvariantCulture, $" h{histogram.Time}:{histogram.StartTime}:{Convert.ToHexString(batch.HistogramBytes(histogram))}");
            }

            foreach (var exemplar in batch.Exemplars.Slice(entry.FirstExemplar, entry.ExemplarCount))
            {
                text.Append(CultureInfo.InvariantCulture, $" e{exemplar.Time}:{BitConverter.DoubleToUInt64Bits(exemplar.Value):x}");
                Append(text, batch, batch.ExemplarLabels.Slice(exemplar.FirstLabel, exemplar.LabelCount));
            }

            text.AppendLine();
        }

        if (withMetadata)
        {
            foreach (var m in batch.Metadata)
            {
                text.Append(CultureInfo.InvariantCulture, $"{m.Type} {Part(batch, m.FamilyOffset, m.FamilyLength)} {Part(batch, m.HelpOffset, m.HelpLength)} {Part(batch, m.UnitOffset, m.UnitLength)}");
                text.AppendLine();
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, WriteBatch batch, ReadOnlySpan<WriteLabel> labels)
    {
        text.Append('{');
        foreach (var label in labels)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Part(batch, label.NameOffset, label.NameLength)}={Part(batch, label.ValueOffset, label.ValueLength)},");
        }

        text.Append('}');
    }

    private static string Part(WriteBatch batch, int offset, int length) => Encoding.UTF8.GetString(batch.Text.Slice(offset, length));

    private static WriteLabel Label(WriteBatch batch, Random random)
    {
        var (name, nameLength) = Text(batch, random);
        var (value, valueLength) = Text(batch, random);
        return new WriteLabel(name, nameLength, value, valueLength);
    }

    private static (int Offset, int Length) Text(WriteBatch batch, Random random)
    {
        // Few of them, so that neighbours are often equal; one is empty.
        var bytes = Encoding.UTF8.GetBytes(random.Next(6) == 0 ? "value-" + random.Next() : new string("\u00e4bcdef"[random.Next(6)], random.Next(4)));
        return (batch.AddText(bytes), bytes.Length);
    }

    private static double Value(Random random) => random.Next(4) == 0 ? SpecialValues.StaleNaN : BitConverter.Int64BitsToDouble(random.NextInt64());

    private static FloatHistogram Histogram(Random random)
    {
        var buckets = new double[random.Next(1, 9)];
        foreach (ref var bucket in buckets.AsSpan())
        {
            bucket = random.Next(1000);
        }

        return new FloatHistogram
        {
            IsInteger = random.Next(2) == 0,
            Schema = random.Next(-4, 9),
            Sum = random.NextDouble(),
            Count = buckets.Sum(),
            ZeroThreshold = 0.001,
            PositiveSpans = [new HistogramSpan(random.Next(-5, 5), (uint)buckets.Length)],
            PositiveBuckets = buckets,
        };
    }
}
