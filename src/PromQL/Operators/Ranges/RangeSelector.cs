using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Operators.Selectors;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators.Ranges;

/// <summary>The samples of a range selector.</summary>
internal sealed class RangeSelector : RangeSource
{
    private readonly IReadOnlyList<LabelMatcher> _matchers;
    private readonly SelectionHints _hints;
    private readonly bool _before;
    private readonly bool _after;
    private SelectedSeries? _series;
    private long _lookback;

    /// <param name="grid">The steps.</param>
    /// <param name="shift">Offset and @.</param>
    /// <param name="range">Length of the window.</param>
    /// <param name="matchers">Which series.</param>
    /// <param name="hints">What the expression around needs.</param>
    /// <param name="before">Whether samples up to one lookback before the windows are wanted.</param>
    /// <param name="after">Whether samples up to one lookback behind the windows are wanted.</param>
    public RangeSelector(StepGrid grid, TimeShift shift, long range, IReadOnlyList<LabelMatcher> matchers, SelectionHints hints, bool before, bool after)
        : base(grid, shift, range)
    {
        _matchers = matchers;
        _hints = hints;
        _before = before;
        _after = after;
    }

    public override (long Before, long After) Margin => (_before ? _lookback : 0, _after ? _lookback : 0);

    public override int Count => _series!.Count;

    public override bool NamesUniform => _series!.NamesUniform;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        _lookback = context.LookbackMs;
        var request = new SelectRequest
        {
            Matchers = _matchers,
            MinTime = Shift.Apply(Grid.Start) - Range + 1 - Margin.Before,
            MaxTime = Shift.Apply(Grid.End) + Margin.After,
            Step = Grid.Count > 1 ? Grid.Step : 0,
            Range = Range,
            Function = _hints.Function,
        };
        _series = await SelectedSeries.OpenAsync(request, _hints, context);
    }

    public override SeriesLabels RawLabelsAt(int index) => _series!.LabelsAt(index);

    public override void Read(int index, SampleBuffer buffer, Worker worker)
    {
        _series!.Read(index, buffer);
        buffer.RemoveStale();
    }

    public override void Dispose() => _series?.Dispose();
}
