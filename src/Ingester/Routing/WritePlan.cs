using System.Buffers;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Ingester.Push;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// The series of a batch sorted by place in the tenant's route: one pooled array of series indexes, grouped. <see cref="Dispose"/> gives it
/// back, once no request refers to a group any more.
/// </summary>
internal sealed class WritePlan : IDisposable
{
    private readonly int[] _order;
    private readonly int[] _ends;

    private WritePlan(int[] order, int[] ends, int width)
    {
        _order = order;
        _ends = ends;
        Width = width;
    }

    /// <summary>Number of groups, some empty.</summary>
    public int Width { get; }

    /// <summary>Indexes of the series that go to a place.</summary>
    public ReadOnlyMemory<int> SeriesAt(int place)
    {
        var start = place == 0 ? 0 : _ends[place - 1];
        return _order.AsMemory(start, _ends[place] - start);
    }

    /// <summary>Validates the series and sorts the accepted ones by place; series without samples are left out.</summary>
    public static WritePlan Build(WriteBatch batch, TenantRoute route, SampleValidator validator, Rejections rejections)
    {
        var count = batch.Series.Length;
        var places = ArrayPool<int>.Shared.Rent(count);
        var order = ArrayPool<int>.Shared.Rent(count);
        var ends = ArrayPool<int>.Shared.Rent(route.Width);
        ends.AsSpan(0, route.Width).Clear();
        for (var i = 0; i < count; i++)
        {
            places[i] = -1;
            if (batch.Series[i].SampleCount > 0 && validator.TryAccept(batch, i, rejections))
            {
                places[i] = route.Width == 1 ? 0 : route.PlaceOf(HashOf(batch, i));
                ends[places[i]]++;
            }
        }

        for (int place = 0, start = 0; place < route.Width; place++)
        {
            (ends[place], start) = (start, start + ends[place]);
        }

        for (var i = 0; i < count; i++)
        {
            if (places[i] >= 0)
            {
                order[ends[places[i]]++] = i;
            }
        }

        ArrayPool<int>.Shared.Return(places);
        return new WritePlan(order, ends, route.Width);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_order);
        ArrayPool<int>.Shared.Return(_ends);
    }

    private static ulong HashOf(WriteBatch batch, int series)
    {
        var entry = batch.Series[series];
        var text = batch.Text;
        var hash = RoutingHash.Create();
        foreach (ref readonly var label in batch.Labels.Slice(entry.FirstLabel, entry.LabelCount))
        {
            hash.Add(text.Slice(label.NameOffset, label.NameLength), text.Slice(label.ValueOffset, label.ValueLength));
        }

        return hash.Value;
    }
}
