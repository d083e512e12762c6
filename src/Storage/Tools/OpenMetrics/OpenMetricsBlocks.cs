using System.Text;
using Deucalion.Common.IO;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools.OpenMetrics;

/// <summary>
/// Makes blocks from OpenMetrics text with timestamps. The text is read twice or more: once to check it and to see its times, before
/// anything is written, then as often as it takes to keep a limited number of samples in memory.
/// </summary>
public sealed class OpenMetricsBlocks(IDisk disk, TimeProvider time, OpenMetricsBlockOptions options)
{
    private readonly SeriesEncoder _encoder = new();
    private readonly SampleBuffer _samples = new();
    private readonly long _duration = Duration(options.MaxBlockDuration);

    /// <summary>
    /// Writes the blocks into a directory; returns their meta data in order of time. A sample without time, or two values of a series at one
    /// time, is <see cref="OpenMetricsException"/> or <see cref="FormatException"/>.
    /// </summary>
    public IReadOnlyList<BlockMeta> Create(Func<Stream> open, string directory, CancellationToken cancellationToken)
    {
        var windows = new SortedDictionary<long, long>();
        Read(open, (reader, sampleTime) => windows[Window(sampleTime)] = windows.GetValueOrDefault(Window(sampleTime)) + 1, cancellationToken);
        disk.CreateDirectory(directory);
        var created = new List<BlockMeta>();
        var pass = new Dictionary<long, Dictionary<Labels, Column>>();
        var size = 0L;
        foreach (var (window, count) in windows)
        {
            if (size > 0 && size + count > options.MaxSamplesPerPass)
            {
                Write(open, pass, directory, created, cancellationToken);
                size = 0;
            }

            pass.Add(window, []);
            size += count;
        }

        Write(open, pass, directory, created, cancellationToken);
        return created;
    }

    private static long Duration(long maximum)
    {
        var duration = OpenMetricsBlockOptions.MinBlockDuration;
        while (duration * 3 <= maximum)
        {
            duration *= 3;
        }

        return duration;
    }

    private long Window(long sampleTime) => sampleTime >= 0 ? sampleTime / _duration : ~(~sampleTime / _duration);

    private static void Read(Func<Stream> open, Action<OpenMetricsReader, long> visit, CancellationToken cancellationToken)
    {
        using var text = new StreamReader(open(), new UTF8Encoding(false, throwOnInvalidBytes: true));
        var reader = new OpenMetricsReader(text);
        while (reader.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            visit(reader, reader.Time ?? throw new OpenMetricsException(reader.Line, 1, $"the sample of {reader.Labels} has no timestamp"));
        }
    }

    private void Write(
        Func<Stream> open, Dictionary<long, Dictionary<Labels, Column>> pass, string directory, List<BlockMeta> created, CancellationToken cancellationToken)
    {
        Read(open, Visit, cancellationToken);
        foreach (var (_, series) in pass.OrderBy(static p => p.Key))
        {
            var builder = new BlockBuilder();
            foreach (var (labels, column) in series)
            {
                Encode(builder, labels, column);
            }

            if (BlockWriter.Write(disk, directory, builder, new BlockWriteOptions { Ulid = Ulid.Create(time.GetUtcNow()) }, cancellationToken) is { } meta)
            {
                created.Add(meta);
            }
        }

        pass.Clear();

        void Visit(OpenMetricsReader reader, long sampleTime)
        {
            if (pass.TryGetValue(Window(sampleTime), out var series))
            {
                var labels = WithLabels(reader.Labels);
                if (!series.TryGetValue(labels, out var column))
                {
                    series.Add(labels, column = new Column());
                }

                column.Add(sampleTime, reader.Value);
            }
        }
    }

    private Labels WithLabels(Labels labels)
    {
        if (options.Labels.Count == 0)
        {
            return labels;
        }

        var builder = new LabelsBuilder(labels);
        for (var i = 0; i < options.Labels.Count; i++)
        {
            builder.Set(options.Labels.NameAt(i), options.Labels.ValueAt(i));
        }

        return builder.Build();
    }

    private void Encode(BlockBuilder builder, Labels labels, Column column)
    {
        if (column.Sort(_samples) is { } twice)
        {
            throw new FormatException($"series {labels} has two values at {twice} ms");
        }

        _encoder.Encode(_samples);
        builder.BeginSeries(labels);
        for (var i = 0; i < _encoder.Count; i++)
        {
            var chunk = _encoder.ChunkAt(i);
            builder.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data);
        }
    }

    private sealed class Column
    {
        private readonly List<(long Time, double Value)> _samples = [];

        public void Add(long time, double value) => _samples.Add((time, value));

        /// <summary>Puts the samples in order, each once; returns a time that has two values, or null.</summary>
        public long? Sort(SampleBuffer into)
        {
            into.Clear();
            _samples.Sort(static (a, b) => a.Time.CompareTo(b.Time));
            for (var i = 0; i < _samples.Count; i++)
            {
                var (time, value) = _samples[i];
                if (i == 0 || time != _samples[i - 1].Time)
                {
                    into.Add(time, value);
                }
                else if (BitConverter.DoubleToInt64Bits(value) != BitConverter.DoubleToInt64Bits(_samples[i - 1].Value))
                {
                    return time;
                }
            }

            return null;
        }
    }
}
