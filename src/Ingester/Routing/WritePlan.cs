using System.Buffers;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Ingester.Push;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// The accepted series of a batch, grouped by place in the tenant's list of partitions: pooled arrays of series indexes and routing hashes.
/// <see cref="Dispose"/> gives them back, once no request refers to a group any more.
/// </summary>
internal sealed class WritePlan : IDisposable
{
    private readonly int[] _series;
    private readonly ulong[] _hashes;
    private readonly int[] _ends;

    private WritePlan(int[] series, ulong[] hashes, int[] ends, int width)
    {
        _series = series;
        _hashes = hashes;
        _ends = ends;
        Width = width;
    }

    /// <summary>Number of groups, some empty.</summary>
    public int Width { get; }

    /// <summary>Indexes of the series that go to a place.</summary>
    public ReadOnlyMemory<int> SeriesAt(int place) => _series.AsMemory(StartOf(place), _ends[place] - StartOf(place));

    /// <summary>Routing hashes of the same series.</summary>
    public ReadOnlyMemory<ulong> HashesAt(int place) => _hashes.AsMemory(StartOf(place), _ends[place] - StartOf(place));

    /// <summary>Validates the series and groups the accepted ones; series without anything to store are left out.</summary>
    public static WritePlan Build(WriteBatch batch, int width, SampleValidator validator, Rejections rejections)
    {
        var count = batch.Series.Length;
        var places = ArrayPool<int>.Shared.Rent(count);
        var hashes = ArrayPool<ulong>.Shared.Rent(count);
        var ends = ArrayPool<int>.Shared.Rent(width);
        ends.AsSpan(0, width).Clear();
        for (var i = 0; i < count; i++)
        {
            places[i] = -1;
            if (HasContents(batch.Series[i]) && validator.TryAccept(batch, i, rejections))
            {
                hashes[i] = HashOf(batch, i);
                places[i] = JumpHash.Bucket(hashes[i], width);
                ends[places[i]]++;
            }
        }

        for (int place = 0, start = 0; place < width; place++)
        {
            (ends[place], start) = (start, start + ends[place]);
        }

        var series = ArrayPool<int>.Shared.Rent(count);
        var grouped = ArrayPool<ulong>.Shared.Rent(count);
        for (var i = 0; i < count; i++)
        {
            if (places[i] >= 0)
            {
                ref var end = ref ends[places[i]];
                series[end] = i;
                grouped[end] = hashes[i];
                end++;
            }
        }

        ArrayPool<int>.Shared.Return(places);
        ArrayPool<ulong>.Shared.Return(hashes);
        return new WritePlan(series, grouped, ends, width);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_series);
        ArrayPool<ulong>.Shared.Return(_hashes);
        ArrayPool<int>.Shared.Return(_ends);
    }

    private int StartOf(int place) => place == 0 ? 0 : _ends[place - 1];

    private static bool HasContents(in WriteSeries series) => (series.SampleCount | series.HistogramCount | series.ExemplarCount) > 0;

    private static ulong HashOf(WriteBatch batch, int series)
    {
        var entry = batch.Series[series];
        return RoutingHash.Of(batch.Labels.Slice(entry.FirstLabel, entry.LabelCount), batch.Text);
    }
}
