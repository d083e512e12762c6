using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Extended;
using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>A smoothed instant selector: the value at the step itself, interpolated between the samples around it.</summary>
internal sealed class SmoothedSelector : VectorOperator
{
    private readonly IReadOnlyList<LabelMatcher> _matchers;
    private readonly TimeShift _shift;
    private readonly SelectionHints _hints;
    private readonly PositionRange _position;
    private SelectedSeries? _series;
    private QueryContext? _context;

    public SmoothedSelector(StepGrid grid, IReadOnlyList<LabelMatcher> matchers, TimeShift shift, SelectionHints hints, PositionRange position)
        : base(grid)
    {
        _matchers = matchers;
        _shift = shift;
        _hints = hints;
        _position = position;
    }

    public override int Count => _series!.Count;

    public override bool NamesUniform => _series!.NamesUniform;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        _context = context;
        var request = new SelectRequest
        {
            Matchers = _matchers,
            MinTime = _shift.Apply(Grid.Start) - context.LookbackMs + 1,
            MaxTime = _shift.Apply(Grid.End) + context.LookbackMs,
            Step = Grid.Count > 1 ? Grid.Step : 0,
            Function = _hints.Function,
        };
        _series = await SelectedSeries.OpenAsync(request, _hints, context);
    }

    public override SeriesLabels RawLabelsAt(int index) => _series!.LabelsAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        var buffer = worker.RentBuffer();
        _series!.Read(index, buffer);
        buffer.RemoveStale();
        column.Clear();
        var lookback = _context!.LookbackMs;
        var floats = default(Window);
        var histograms = default(Window);
        long seen = 0;
        for (var s = 0; s < Grid.Count; s++)
        {
            _context!.CheckEvery4096(s);
            var time = _shift.Apply(Grid.TimeAt(s));
            floats.Move(buffer.Times, time - lookback, time + lookback);
            histograms.Move(buffer.Histograms, time - lookback, time + lookback);
            seen += floats.Count + histograms.Count;
            if (floats.Count > 0 && histograms.Count > 0)
            {
                _context.Annotations.Warn(AnnotationTexts.MixedFloatsHistograms(MetricName(index)), _position);
            }
            else if (floats.Count > 0)
            {
                column.Values[s] = Float(buffer, floats, time);
            }
            else if (histograms.Count > 0 && Histogram(buffer.Histograms[histograms.Low..histograms.High], time, index) is { } histogram)
            {
                column.SetHistogram(s, histogram);
            }
        }

        _context.Budget.CountQueryable(seen);
        worker.Return(buffer);
    }

    public override void Dispose() => _series?.Dispose();

    private static double Float(SampleBuffer buffer, Window window, long time)
    {
        var times = buffer.Times;
        var next = window.Low;
        while (next < window.High && times[next] <= time)
        {
            next++;
        }

        if (next == window.Low)
        {
            return StepColumn.Absent;
        }

        return times[next - 1] == time || next == window.High
            ? buffer.Values[next - 1]
            : Interpolation.Between(times[next - 1], buffer.Values[next - 1], times[next], buffer.Values[next], time);
    }

    private string MetricName(int index) => RawLabelsAt(index).Get(Labels.MetricName);

    private FloatHistogram? Histogram(ReadOnlySpan<HistogramSample> samples, long time, int index)
    {
        var next = 0;
        while (next < samples.Length && samples[next].Time <= time)
        {
            next++;
        }

        if (next == 0)
        {
            return null;
        }

        var before = samples[next - 1];
        if (before.Time == time || next == samples.Length)
        {
            return before.Histogram;
        }

        var isCounter = before.Histogram.CounterResetHint != CounterResetHint.Gauge
            && samples[next].Histogram.CounterResetHint != CounterResetHint.Gauge;
        var between = Interpolation.Between(before, samples[next], time, isCounter);
        if (between is null)
        {
            _context!.Annotations.Warn(AnnotationTexts.MixedSchemas(MetricName(index)), _position);
        }

        return between;
    }
}
