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

    public VectorMatcher(BinaryExpr expr, ElementOperation operation, MatchSide many, MatchSide one, MatchGroups groups, QueryContext context)
    {
        _expr = expr;
        _operation = operation;
        _many = many;
        _one = one;
        _swapped = expr.Matching!.Cardinality == MatchCardinality.OneToMany;
        _groups = groups;
        _context = context;
        _steps = many.Series.Grid.Count;
        _labels = new MatchedLabels(expr);
        _results = new MatchedSeries(_steps, context.Budget);

        // The fills keep their textual names when the sides are swapped.
        _fillMany = expr.Matching.FillLeft;
        _fillOne = expr.Matching.FillRight;
    }

    private bool IsOneToOne => _expr.Matching!.Cardinality == MatchCardinality.OneToOne;

    public MatchedSeries Match()
    {
        var pair = new StepColumn(_steps);
        for (var g = 0; g < _groups.Count; g++)
        {
            _context.CancellationToken.ThrowIfCancellationRequested();
            var many = _groups.Left(g);
            var one = _groups.Right(g);
            CheckOneSide(g, one);
            if (IsOneToOne && many.Count > 1)
            {
                CheckManySide(many, one);
            }

            foreach (var m in many)
            {
                foreach (var o in one)
                {
                    Pair(m, _many.Columns[m], _one.Series.RawLabelsAt(o), _one.Columns[o], pair);
                }
            }

            if (_fillMany is not null || _fillOne is not null)
            {
                Fill(g, many, one, pair);
            }
        }

        return _results;
    }

    private void Pair(int m, StepColumn? many, Labels oneLabels, StepColumn? one, StepColumn scratch)
    {
        if (many is not null && one is not null)
        {
            Put(_many.Series.RawLabelsAt(m), _many.Series.DropNameAt(m), many, oneLabels, one, scratch);
        }
    }

    private void Put(Labels manyLabels, bool dropName, StepColumn many, Labels oneLabels, StepColumn one, StepColumn scratch)
    {
        if (!Meet(many, one))
        {
            return;
        }

        if (dropName && !_context.DelayedNameRemoval)
        {
            manyLabels = MetricNames.Drop(manyLabels);
        }

        scratch.Clear();
        var (left, right) = _swapped ? (one, many) : (many, one);
        _operation.Apply(left, right, scratch, dropOnCollision: true, _context.Annotations);
        var slot = _results.SlotOf(_labels.Of(manyLabels, oneLabels), dropName);
        var result = _results.ColumnAt(slot);
        var taken = _results.TakenAt(slot);
        for (var s = 0; s < _steps; s++)
        {
            if (!many.HasPoint(s) || !one.HasPoint(s))
            {
                continue;
            }

            // The check comes before the filter of a comparison: an element that is filtered out still counts.
            if (taken[s])
            {
                throw QueryException.Execution(IsOneToOne
                    ? "vector cannot contain metrics with the same labelset"
                    : "multiple matches for labels: grouping labels must ensure unique matches");
            }

            taken[s] = true;
            if (scratch.HasPoint(s))
            {
                result.CopyStep(scratch, s, s);
            }
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
    private void CheckOneSide(int group, List<int> one)
    {
        if (one.Count < 2)
        {
            return;
        }

        var fills = _fillMany is not null || _fillOne is not null;
        for (var s = 0; s < _steps; s++)
        {
            var first = -1;
            foreach (var o in one)
            {
                if (_one.Columns[o]?.HasPoint(s) != true)
                {
                    continue;
                }

                if (first >= 0 && (fills || _many.AnyAt(s)))
                {
                    throw QueryException.Execution(DuplicateText(first, o));
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

    private void CheckManySide(List<int> many, List<int> one)
    {
        for (var s = 0; s < _steps; s++)
        {
            var onePresent = _fillOne is not null;
            foreach (var o in one)
            {
                onePresent |= _one.Columns[o]?.HasPoint(s) == true;
            }

            var count = 0;
            foreach (var m in many)
            {
                count += _many.Columns[m]?.HasPoint(s) == true ? 1 : 0;
            }

            if (onePresent && count > 1)
            {
                throw QueryException.Execution(
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)");
            }
        }
    }

    /// <summary>Lets elements without partner meet the fill values, at the steps where they have none.</summary>
    private void Fill(int group, List<int> many, List<int> one, StepColumn scratch)
    {
        var labels = _groups.Selection.Select(
            many.Count > 0 ? _many.Series.RawLabelsAt(many[0]) : _one.Series.RawLabelsAt(one[0]), hideMetadata: false);
        if (_fillOne is { } fillOne)
        {
            var missing = FillWhereAbsent(_one, one, fillOne);
            foreach (var m in many)
            {
                Pair(m, _many.Columns[m], labels, missing, scratch);
            }
        }

        if (_fillMany is { } fillMany)
        {
            var missing = FillWhereAbsent(_many, many, fillMany);
            foreach (var o in one)
            {
                if (_one.Columns[o] is { } column)
                {
                    Put(labels, _one.Series.DropNameAt(o), missing, _one.Series.RawLabelsAt(o), column, scratch);
                }
            }
        }
    }

    private StepColumn FillWhereAbsent(MatchSide side, List<int> members, double fill)
    {
        var column = new StepColumn(_steps);
        column.Clear();
        for (var s = 0; s < _steps; s++)
        {
            var present = false;
            foreach (var i in members)
            {
                present |= side.Columns[i]?.HasPoint(s) == true;
            }

            if (!present)
            {
                column.Values[s] = fill;
            }
        }

        return column;
    }
}
