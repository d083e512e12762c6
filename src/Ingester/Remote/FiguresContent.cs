using System.Buffers.Binary;
using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Ingester.Read;

namespace Deucalion.Ingester.Remote;

/// <summary>Figures of a head. What follows from its label values is not sent.</summary>
internal sealed class FiguresContent : IHeadContent<HeadFigures>
{
    private const int CountWidth = sizeof(int) + sizeof(long);
    private const int LabelWidth = 2 * sizeof(int);

    public static readonly FiguresContent Instance = new();

    /// <inheritdoc/>
    public IEnumerable<HeadFrameWriter> Write(HeadFigures value, HeadFrameWriter frame)
    {
        var status = value.Status;
        frame.Figures = new HeadFiguresBody { Series = status.Series, LabelPairs = status.LabelPairs, Chunks = status.Chunks, MinTime = status.MinTime, MaxTime = status.MaxTime };
        return Counts(HeadReadFrame.MetricSeriesFieldNumber, status.SeriesByMetric, frame)
            .Concat(Counts(HeadReadFrame.PairSeriesFieldNumber, status.SeriesByPair, frame))
            .Concat(Values(value.Values, frame));
    }

    /// <inheritdoc/>
    public HeadFigures Begin() => new(
        new HeadStatus
        {
            Series = 0,
            LabelPairs = 0,
            Chunks = 0,
            MinTime = long.MaxValue,
            MaxTime = long.MinValue,
            SeriesByMetric = new List<NamedCount>(),
            ValuesByLabel = [],
            BytesByLabel = [],
            SeriesByPair = new List<NamedCount>(),
        },
        []);

    /// <inheritdoc/>
    public void Read(in HeadFrame frame, HeadFigures into)
    {
        if (frame.Figures is { } figures)
        {
            into.Status = into.Status with
            {
                Series = figures.Series,
                LabelPairs = figures.LabelPairs,
                Chunks = figures.Chunks,
                MinTime = figures.MinTime,
                MaxTime = figures.MaxTime,
            };
        }

        ReadCounts(frame, HeadReadFrame.MetricSeriesFieldNumber, "metric_series", (List<NamedCount>)into.Status.SeriesByMetric);
        ReadCounts(frame, HeadReadFrame.PairSeriesFieldNumber, "pair_series", (List<NamedCount>)into.Status.SeriesByPair);
        ReadValues(frame, into.Values);
    }

    private static IEnumerable<HeadFrameWriter> Counts(int field, IReadOnlyList<NamedCount> counts, HeadFrameWriter frame)
    {
        foreach (var (name, number) in counts)
        {
            if (frame.IsFull)
            {
                yield return frame;
            }

            frame.Symbol(field, name);
            frame.Int64(field, number);
        }
    }

    private static IEnumerable<HeadFrameWriter> Values(Dictionary<string, HashSet<string>> values, HeadFrameWriter frame)
    {
        foreach (var (label, texts) in values)
        {
            var count = 0;
            foreach (var text in texts)
            {
                frame.Symbol(HeadReadFrame.LabelValuesFieldNumber, text);
                count++;
                if (frame.IsFull)
                {
                    End(label, count, frame);
                    count = 0;
                    yield return frame;
                }
            }

            End(label, count, frame);
        }

        static void End(string label, int count, HeadFrameWriter frame)
        {
            frame.Symbol(HeadReadFrame.ValueLabelsFieldNumber, label);
            frame.Int32(HeadReadFrame.ValueLabelsFieldNumber, count);
        }
    }

    private static void ReadCounts(in HeadFrame frame, int field, string name, List<NamedCount> into)
    {
        var bytes = frame.Bytes(field);
        new Column(bytes).Count(CountWidth, name);
        for (; bytes.Length > 0; bytes = bytes[CountWidth..])
        {
            into.Add(new NamedCount(frame.Symbol(BinaryPrimitives.ReadInt32LittleEndian(bytes)), BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(int)..])));
        }
    }

    private static void ReadValues(in HeadFrame frame, Dictionary<string, HashSet<string>> into)
    {
        var labels = frame.Column(HeadReadFrame.ValueLabelsFieldNumber);
        var values = frame.Column(HeadReadFrame.LabelValuesFieldNumber);
        var left = values.Count(sizeof(int), "label_values");
        var value = 0;
        for (var i = 0; i < labels.Count(LabelWidth, "value_labels"); i++)
        {
            var label = frame.Symbol(labels.Int32(2 * i));
            var count = labels.Int32((2 * i) + 1);
            if (count < 0 || count > left)
            {
                throw new RemoteFormatException($"label {label} has {count} values of {left}");
            }

            left -= count;
            if (!into.TryGetValue(label, out var texts))
            {
                into.Add(label, texts = []);
            }

            for (; count > 0; count--)
            {
                texts.Add(frame.Symbol(values.Int32(value++)));
            }
        }

        if (left > 0)
        {
            throw new RemoteFormatException($"{left} values are of no label");
        }
    }
}
