using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>The series behind one selector.</summary>
internal sealed class SelectedSeries : IDisposable
{
    private readonly ISeriesSet _set;
    private readonly SampleBudget _budget;

    private readonly SelectionHints _hints;

    private SelectedSeries(ISeriesSet set, QueryContext context, SelectionHints hints)
    {
        _hints = hints;
        _set = set;
        _budget = context.Budget;
        NamesUniform = AreNamesUniform(set, context);
    }

    public int Count => _set.Count;

    /// <summary>Whether all series have one metric name and none has type or unit, so that dropping these makes no two equal.</summary>
    public bool NamesUniform { get; }

    public static async ValueTask<SelectedSeries> OpenAsync(SelectRequest request, SelectionHints hints, QueryContext context)
    {
        try
        {
            var (set, number, shared) = await context.Selections.SelectAsync(request, context.CancellationToken);
            hints.Node.ReadFrom(number, shared, set.Count);
            foreach (var warning in set.Warnings)
            {
                context.Annotations.FromSource(warning);
            }

            hints.Samples.Open(set.Count, context.Budget);
            return new SelectedSeries(set, context, hints);
        }
        catch (Exception e) when (e is not OperationCanceledException and not QueryException)
        {
            throw new QueryException(QueryErrorKind.Execution, $"expanding series: {e.Message}", e);
        }
    }

    public SeriesLabels LabelsAt(int index) => new(_set, index);

    public void Read(int index, SampleBuffer buffer)
    {
        bool fromSource;
        try
        {
            fromSource = _hints.Samples.Read(_set, index, buffer, _budget);
        }
        catch (Exception e) when (e is not OperationCanceledException and not QueryException)
        {
            throw new QueryException(QueryErrorKind.Execution, $"expanding series: {e.Message}", e);
        }

        var bytes = _budget.CountRead(buffer, fromSource);
        if (_budget.IsMeasured)
        {
            _hints.Node.RaisePeak(bytes);
            _hints.Node.Evaluated(TimeSpan.Zero, fromSource ? buffer.Count + buffer.Histograms.Length : 0);
        }

        if (_hints.TotalsOnly)
        {
            HistogramTotals.Reduce(buffer);
        }
    }

    // The set may be shared: the query disposes it.
    public void Dispose()
    {
    }

    private static bool AreNamesUniform(ISeriesSet set, QueryContext context)
    {
        var pairs = set.Pairs;
        if (pairs.FindName(MetricNames.TypeLabel) >= 0 || pairs.FindName(MetricNames.UnitLabel) >= 0)
        {
            return false;
        }

        var name = pairs.FindName(Labels.MetricName);
        if (name < 0)
        {
            return true;
        }

        var only = -1;
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            if (pairs.NameOf(pair) != name)
            {
                continue;
            }

            if (only >= 0)
            {
                return false;
            }

            only = pair;
        }

        // Series without a name differ from those with one.
        for (var i = 0; i < set.Count; i++)
        {
            context.CheckEvery1024(i);
            if (!set.PairsAt(i).Contains(only))
            {
                return false;
            }
        }

        return true;
    }
}
