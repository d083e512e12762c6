using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Functions.Binary;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>Pairs the series of both sides and computes their results, with all the checks of uniqueness that Prometheus makes.</summary>
internal sealed class VectorMatcher
{
    private readonly BinaryExpr _expr;
    private readonly ElementOperation _operation;
    private readonly BinaryNotes _notes;
    private readonly MatchSide _many;
    private readonly MatchSide _one;
    private readonly bool _swapped;
    private readonly MatchGroups _groups;
    private readonly MatchedLabels _labels;
    private readonly MatchedSeries _results;
    private readonly QueryContext _context;
    private readonly int _steps;
    private readonly double? _fillMany;
    private readonly double? _fillOne;
    private readonly StepColumn _scratch;
    private readonly bool[] _failed;
    private readonly bool[] _matched;
    private readonly MatchFailure _failure = new();

    public VectorMatcher(BinaryExpr expr, ElementOperation operation, BinaryNotes notes, MatchSide many, MatchSide one, MatchGroups groups, QueryContext context)
    {
        _expr = expr;
        _operation = operation;
        _notes = notes;
        _many = many;
        _one = one;
        _swapped = expr.Matching!.Cardinality == MatchCardinality.OneToMany;
        _groups = groups;
        _context = context;
        _steps = many.Series.Grid.Count;
        _scratch = new StepColumn(_steps);
        _failed = new bool[_steps];
        _matched = new bool[_steps];
        _labels = new MatchedLabels(expr);
        _results = new MatchedSeries(_steps, context.Budget);

        // The fills keep their textual names when the sides are swapped.
        _fillMany = expr.Matching.FillLeft;
        _fillOne = expr.Matching.FillRight;
    }

    private bool IsOneToOne => _expr.Matching!.Cardinality == MatchCardinality.OneToOne;

    private bool Fills => _fillMany is not null || _fillOne is not null;

    public MatchedSeries Match()
    {
        for (var g = 0; g < _groups.Count; g++)
        {
            _context.CancellationToken.ThrowIfCancellationRequested();
            var many = _groups.Left(g);
            var one = _groups.Right(g);
            CheckOneSide(one);
            _matched.AsSpan().Clear();
            foreach (var m in many)
            {
                _context.CancellationToken.ThrowIfCancellationRequested();
                foreach (var o in one)
                {
                    if (_many.Columns[m] is { } manyColumn && _one.Columns[o] is { } oneColumn)
                    {
                        Put(g, m, _many.Series.RawLabelsAt(m).Whole, _many.Series.DropNameAt(m), manyColumn, _one.Series.VisibleLabelsAt(o, _context), oneColumn);
                    }
                }
            }

            if (Fills)
            {
                Fill(g, many, one);
            }
        }

        _failure.Throw();
        _results.Order();
        return _results;
    }

    private void Put(int group, int pair, Labels manyLabels, bool dropName, StepColumn many, Labels oneLabels, StepColumn one)
    {
        if (!Meet(many, one))
        {
            return;
        }

        if (dropName && !_context.DelayedNameRemoval)
        {
            manyLabels = MetricNames.Drop(manyLabels);
        }

        _scratch.Clear();
        var (left, right) = _swapped ? (one, many) : (many, one);
        _operation.Apply(left, right, _scratch, dropOnCollision: true, _notes, pair, _context.CancellationToken, _failed);
        var slot = _results.SlotOf(_labels.Of(manyLabels, oneLabels), dropName, pair);
        var result = _results.ColumnAt(slot);
        var takenBy = _results.TakenAt(slot);
        for (var s = 0; s < _steps; s++)
        {
            // Operands that do not go together count as if they had not met.
            if (!many.HasPoint(s) || !one.HasPoint(s) || _failed[s])
            {
                continue;
            }

            // The check comes before the filter of a comparison: an element that is filtered out still counts.
            if (IsOneToOne ? _matched[s] : takenBy[s] == group + 1)
            {
                _failure.At(s, MatchFailure.ManySide + pair, IsOneToOne
                    ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                    : "multiple matches for labels: grouping labels must ensure unique matches");
                return;
            }

            _matched[s] = true;
            takenBy[s] = group + 1;
            if (!_scratch.HasPoint(s))
            {
                continue;
            }

            if (result.HasPoint(s))
            {
                _failure.At(s, MatchFailure.Result, QueryException.SameLabelset().Message);
                return;
            }

            result.CopyStep(_scratch, s, s);
        }
    }

    private static bool Meet(StepColumn a, StepColumn b)
    {
        for (var s = 0; s < a.Steps; s++)
        {
            if (a.HasPoint(s) && b.HasPoint(s))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The one side must have at most one element at a step, wherever the many side has any element at all.</summary>
    private void CheckOneSide(ReadOnlySpan<int> one)
    {
        for (var s = 0; s < _steps && one.Length > 1; s++)
        {
            var first = -1;
            foreach (var o in one)
            {
                if (_one.Columns[o]?.HasPoint(s) != true)
                {
                    continue;
                }

                if (first >= 0 && (Fills || _many.AnyAt(s)))
                {
                    _failure.At(s, o, DuplicateText(first, o));
                    return;
                }

                first = o;
            }
        }
    }

    private string DuplicateText(int first, int second)
    {
        var selected = _groups.Selection.Select(_one.Series.RawLabelsAt(first), hideMetadata: false);
        var a = _one.Series.VisibleLabelsAt(first, _context).ToString();
        var b = _one.Series.VisibleLabelsAt(second, _context).ToString();
        if (string.CompareOrdinal(a, b) > 0)
        {
            (a, b) = (b, a);
        }

        return $"found duplicate series for the match group {selected} on the {(_swapped ? "left" : "right")} hand-side of the operation: "
            + $"[{a}, {b}];many-to-many matching not allowed: matching labels must be unique on one side";
    }

    /// <summary>Lets elements without partner meet the fill values, at the steps where they have none.</summary>
    private void Fill(int group, ReadOnlySpan<int> many, ReadOnlySpan<int> one)
    {
        var labels = _groups.Selection.Select(
            many.Length > 0 ? _many.Series.RawLabelsAt(many[0]) : _one.Series.RawLabelsAt(one[0]), hideMetadata: false);
        if (_fillOne is { } fillOne)
        {
            var missing = Filled(fillOne);
            foreach (var o in one)
            {
                Leave(missing, _one.Columns[o]);
            }

            foreach (var m in many)
            {
                if (_many.Columns[m] is { } column)
                {
                    Put(group, m, _many.Series.RawLabelsAt(m).Whole, _many.Series.DropNameAt(m), column, labels, missing);
                }
            }
        }

        if (_fillMany is { } fillMany)
        {
            var missing = Filled(fillMany);
            for (var s = 0; s < _steps; s++)
            {
                if (_matched[s])
                {
                    missing.ClearStep(s);
                }
            }

            foreach (var o in one)
            {
                if (_one.Columns[o] is { } column)
                {
                    Put(group, _many.Columns.Count + o, labels, _one.Series.DropNameAt(o), missing, _one.Series.VisibleLabelsAt(o, _context), column);
                }
            }
        }
    }

    private StepColumn Filled(double fill)
    {
        var column = new StepColumn(_steps);
        column.Values.AsSpan().Fill(fill);
        return column;
    }

    /// <summary>Leaves the fill value only where the series has no element.</summary>
    private static void Leave(StepColumn fill, StepColumn? series)
    {
        for (var s = 0; s < fill.Steps && series is not null; s++)
        {
            if (series.HasPoint(s))
            {
                fill.ClearStep(s);
            }
        }
    }
}
