using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Push;

/// <summary>
/// A request as it was decoded: what may be stored, and what was left out and why; with the decoders' scratch. Reused from one request to the next;
/// not thread-safe.
/// </summary>
internal sealed class DecodedWrite(int maxHistogramBuckets) : IDisposable
{
    // Far more than senders put into a request; what an odd one made grow further is not kept for the next.
    private const int MaxKept = 256 * 1024;

    // A record with an older one would stop the partition and every replica of it.
    private const long OldestStart = -(1L << 53);

    /// <summary>What may be stored.</summary>
    public WriteBatch Batch { get; } = new();

    /// <summary>What was left out.</summary>
    public Rejections Rejections { get; } = new();

    /// <summary>Scratch of the histogram being read.</summary>
    public HistogramMessage Histogram { get; } = new(maxHistogramBuckets);

    /// <summary>Makes histograms of it.</summary>
    public HistogramConverter Histograms { get; } = new();

    /// <summary>Scratch of the exemplar being read.</summary>
    public ExemplarDraft Exemplar { get; } = new();

    /// <summary>Symbols of a request that has a table of them: ranges of its text.</summary>
    public List<TextRange> Symbols { get; } = [];

    /// <summary>Scratch of the references being read.</summary>
    public List<uint> References { get; } = [];

    /// <summary>Starts over with a request whose bytes stay unchanged while the batch is in use.</summary>
    public void Reset(byte[] text, int length)
    {
        Batch.Reset(text, length);
        Rejections.Clear();
        Empty(Symbols);
        Empty(References);
    }

    /// <summary>Adds the histogram that was read to the batch's last series, or counts it as rejected.</summary>
    public void AddHistogram(long seriesStart)
    {
        var startTime = Histogram.StartTime != 0 ? Histogram.StartTime : seriesStart;
        if (Histograms.Convert(Histogram, out var reason, out var problem) is { } histogram)
        {
            Batch.AddHistogram(Histogram.Time, StartOf(startTime, Histogram.Time), histogram);
        }
        else
        {
            Rejections.AddHistogram(reason, Batch, Batch.Series.Length - 1, Histogram.Time, problem);
        }
    }

    /// <summary>A start time as it is stored: one behind its sample is no start, nor is one further back than heads can hold.</summary>
    public static long StartOf(long startTime, long time) => startTime > time || startTime < OldestStart ? 0 : startTime;

    /// <inheritdoc/>
    public void Dispose() => Batch.Dispose();

    private static void Empty<T>(List<T> list)
    {
        list.Clear();
        if (list.Capacity > MaxKept)
        {
            list.Capacity = 0;
        }
    }
}

/// <summary>Bytes of a request's text.</summary>
internal readonly record struct TextRange(int Offset, int Length);
