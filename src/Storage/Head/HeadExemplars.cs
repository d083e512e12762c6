using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head;

/// <summary>
/// The exemplars of a head: a ring in which a new one takes the place of the oldest. Each belongs to a series, and goes with it. One writer beside
/// readers, under a short lock: exemplars are few.
/// </summary>
internal sealed class HeadExemplars
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Newest> _newest = [];
    private readonly Dictionary<int, Newest> _staged = [];
    private Slot[] _ring = [];
    private int _first;

    /// <summary>Exemplars held.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Whether the primary may log an exemplar of a series, judged against the newest applied or staged: false where it is that one again (a duplicate),
    /// null where it is older.
    /// </summary>
    public bool? Stage(int seriesRef, long time, double value, ReadOnlySpan<byte> labels)
    {
        if (_staged.TryGetValue(seriesRef, out var newest) || _newest.TryGetValue(seriesRef, out newest))
        {
            if (newest.Is(time, value, labels))
            {
                return false;
            }

            if (time < newest.Time)
            {
                return null;
            }
        }

        _staged[seriesRef] = new Newest(time, value, labels.ToArray());
        return true;
    }

    /// <summary>Forgets what has been staged.</summary>
    public void DropStaged() => _staged.Clear();

    /// <summary>Adds an exemplar, at most <paramref name="capacity"/> in all.</summary>
    public void Add(int seriesRef, long time, double value, ReadOnlySpan<byte> labels, int capacity)
    {
        lock (_lock)
        {
            Resize(capacity);
            if (_staged.TryGetValue(seriesRef, out var staged) && staged.Is(time, value, labels))
            {
                _staged.Remove(seriesRef);
            }

            if (capacity == 0)
            {
                return;
            }

            if (Count == _ring.Length)
            {
                _first = (_first + 1) % _ring.Length;
                Count--;
            }

            ref var slot = ref _ring[(_first + Count++) % _ring.Length];
            var bytes = labels.ToArray();
            slot = new Slot(seriesRef, time, value, bytes);
            _newest[seriesRef] = new Newest(time, value, bytes);
        }
    }

    /// <summary>The exemplars of series that are dropped go with them.</summary>
    public void Drop(HashSet<int> refs)
    {
        lock (_lock)
        {
            var kept = 0;
            for (var i = 0; i < Count; i++)
            {
                ref var slot = ref _ring[(_first + i) % _ring.Length];
                if (!refs.Contains(slot.Ref))
                {
                    _ring[(_first + kept++) % _ring.Length] = slot;
                }
            }

            Count = kept;
            foreach (var seriesRef in refs)
            {
                _newest.Remove(seriesRef);
                _staged.Remove(seriesRef);
            }
        }
    }

    /// <summary>Copies the exemplars of a time range whose series are wanted, oldest first. Any thread.</summary>
    public List<(int Ref, Exemplar Exemplar)> Read(IReadOnlySet<int> refs, long minTime, long maxTime)
    {
        var found = new List<(int, Exemplar)>();
        lock (_lock)
        {
            for (var i = 0; i < Count; i++)
            {
                ref var slot = ref _ring[(_first + i) % _ring.Length];
                if (slot.Time >= minTime && slot.Time <= maxTime && refs.Contains(slot.Ref))
                {
                    found.Add((slot.Ref, new Exemplar(LabelsOf(slot.Labels), slot.Value, slot.Time)));
                }
            }
        }

        return found;
    }

    /// <summary>Writes all as the payload of an exemplars record.</summary>
    public void WriteTo(RecordBuffer payload)
    {
        var record = new ExemplarsRecord { Capacity = _ring.Length };
        for (var i = 0; i < Count; i++)
        {
            ref var slot = ref _ring[(_first + i) % _ring.Length];
            record.Add(slot.Ref, slot.Time, slot.Value, slot.Labels);
        }

        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        record.WriteTo(bytes);
        payload.Bytes(bytes.WrittenSpan);
    }

    /// <summary>Whether bytes are names and values.</summary>
    public static bool AreLabels(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes);
        try
        {
            while (!reader.AtEnd)
            {
                reader.Text();
                reader.Text();
            }

            return true;
        }
        catch (HeadFormatException)
        {
            return false;
        }
    }

    private static Labels LabelsOf(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes);
        var pairs = new List<string>();
        while (!reader.AtEnd)
        {
            pairs.Add(Encoding.UTF8.GetString(reader.Text()));
            pairs.Add(Encoding.UTF8.GetString(reader.Text()));
        }

        return Labels.FromSortedPairs([.. pairs]);
    }

    private void Resize(int capacity)
    {
        if (capacity >= _ring.Length && (Count < _ring.Length || capacity == _ring.Length))
        {
            return;
        }

        // Grows with need, up to the capacity; with a smaller one the oldest go.
        var size = Math.Min(capacity, Math.Max(64, _ring.Length * 2));
        var ring = new Slot[size];
        var kept = Math.Min(Count, size);
        for (var i = 0; i < kept; i++)
        {
            ring[i] = _ring[(_first + Count - kept + i) % _ring.Length];
        }

        _ring = ring;
        _first = 0;
        Count = kept;
    }

    private readonly record struct Slot(int Ref, long Time, double Value, byte[] Labels);

    private readonly record struct Newest(long Time, double Value, byte[] Labels)
    {
        public bool Is(long time, double value, ReadOnlySpan<byte> labels) =>
            Time == time && BitConverter.DoubleToInt64Bits(Value) == BitConverter.DoubleToInt64Bits(value) && labels.SequenceEqual(Labels);
    }
}
