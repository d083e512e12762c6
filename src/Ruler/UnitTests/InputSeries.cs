using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.TestLanguage;
using Deucalion.Ruler.Evaluation;

namespace Deucalion.Ruler.UnitTests;

/// <summary>The series of a test: its input, put into the store as time goes on, and what the rules record.</summary>
internal sealed class InputSeries : IRuleSink
{
    private readonly List<(Labels Labels, IReadOnlyList<NotedValue> Values)> _input = [];
    private readonly long _start;
    private readonly long _interval;
    private long _next;

    /// <exception cref="ScriptException">A series is not valid.</exception>
    public InputSeries(UnitTestGroup group)
    {
        _start = group.StartTimestamp;
        _interval = group.Interval;
        foreach (var (series, values) in group.InputSeries)
        {
            _input.Add(SeriesNotation.Read(series, values));
        }
    }

    public MemoryStore Store { get; } = new();

    /// <summary>Makes the input up to a time visible.</summary>
    public void LoadUntil(long time)
    {
        for (; _start + (_next * _interval) <= time; _next++)
        {
            var any = false;
            foreach (var (labels, values) in _input)
            {
                any |= _next < values.Count;
                if (_next < values.Count && values[(int)_next] is { Present: true } value)
                {
                    Add(labels, _start + (_next * _interval), value.Value, value.Histogram);
                }
            }

            if (!any)
            {
                return;
            }
        }
    }

    public void Add(Labels labels, long time, double value, FloatHistogram? histogram)
    {
        try
        {
            if (histogram is null)
            {
                Store.Add(labels, time, value);
            }
            else
            {
                Store.Add(labels, time, histogram);
            }
        }
        catch (InvalidOperationException)
        {
            // An older sample than the series has is dropped, as by a server.
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
