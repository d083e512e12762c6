using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Functions.Binary;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Binary;
using Deucalion.PromQL.Operators.Grouping;
using Deucalion.PromQL.Operators.Ranges;
using Deucalion.PromQL.Operators.Scalars;
using Deucalion.PromQL.Operators.Selectors;
using Deucalion.PromQL.Operators.Transforms;
using Deucalion.PromQL.Plan.Explanation;
using Deucalion.PromQL.Sources;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Plan;

/// <summary>Turns a resolved syntax tree into operators. Step-invariant parts are planned for one step and repeated.</summary>
internal sealed class Planner
{
    private readonly FunctionPlanner _functions;
    private readonly AggregationPlanner _aggregations;
    private readonly Dictionary<string, SharedSamples> _samples = new(StringComparer.Ordinal);
    private readonly CommonParts _common;
    private readonly PlanRecorder _plan;
    private readonly long _lookback;
    private bool _needsBuckets;

    private Planner(EngineOptions options, long lookback, CommonParts common, PlanRecorder plan)
    {
        Options = options;
        _lookback = lookback;
        _common = common;
        _plan = plan;
        _functions = new FunctionPlanner(this);
        _aggregations = new AggregationPlanner(this);
    }

    public EngineOptions Options { get; }

    /// <summary>Plans twice: to find what stands in the query several times, and then in earnest.</summary>
    /// <param name="options">Settings of the engine.</param>
    /// <param name="lookback">Lookback, milliseconds.</param>
    /// <param name="plan">Where the plan is written down.</param>
    /// <param name="root">Plans the whole query.</param>
    public static T Plan<T>(EngineOptions options, long lookback, PlanRecorder plan, Func<Planner, T> root)
        where T : IDisposable
    {
        var common = new CommonParts(options);
        root(new Planner(options, lookback, common, new PlanRecorder(null))).Dispose();
        common.Counted();
        return root(new Planner(options, lookback, common, plan));
    }

    /// <summary>Whether the selectors planned now need of histograms only count and sum.</summary>
    public bool TotalsOnly { get; private set; }

    /// <summary>Plans a part of whose histograms only count and sum are needed, unless something further up needs the buckets.</summary>
    public VectorOperator WithTotals(Expr expr, StepGrid grid, string around)
    {
        var before = TotalsOnly;
        TotalsOnly = !_needsBuckets;
        var planned = Vector(expr, grid, around);
        TotalsOnly = before;
        return planned;
    }

    /// <summary>Plans a part all of whose selectors need the buckets, whatever stands between.</summary>
    public VectorOperator WithBuckets(Expr expr, StepGrid grid, string around)
    {
        var before = (TotalsOnly, _needsBuckets);
        (TotalsOnly, _needsBuckets) = (false, true);
        var planned = Vector(expr, grid, around);
        (TotalsOnly, _needsBuckets) = before;
        return planned;
    }

    /// <summary>Plans an expression whose value is a vector, or a scalar as a series without labels.</summary>
    public VectorOperator Vector(Expr expr, StepGrid grid, string around = "")
    {
        switch (expr)
        {
            case ParenExpr e:
                return Vector(e.Inner, grid, around);
            case UnaryExpr { IsMinus: false } e:
                return Vector(e.Inner, grid, around);
        }

        if (expr.Type == ValueType.Scalar)
        {
            return new VectorOfScalar(Scalar(expr, grid));
        }

        if (grid.Count > 1 && StepInvariance.Holds(expr))
        {
            var repeat = _plan.Enter(PlanNames.Repeat(grid.Count));
            return _plan.Leave(repeat, new RepeatOperator(Vector(expr, grid.First, around), grid));
        }

        var part = _common.Enter(expr, grid, TotalsOnly, _needsBuckets);
        if (part is not null && _common.Refer(part) is { } shared)
        {
            _common.Leave(part);
            var reference = _plan.Enter(expr is VectorSelector e ? PlanNames.Selector(e, SelectedValue.Value, TotalsOnly) : PlanNames.Of(expr));
            reference.RefersTo(shared.Number);
            return _plan.Leave(reference, new SharedVector(shared, grid));
        }

        var planned = CommonParts.Share(
            part, expr is VectorSelector selector ? Selector(selector, grid, SelectedValue.Value, around, part) : Whole(expr, grid, part));
        _common.Leave(part);
        return planned;
    }

    private VectorOperator Whole(Expr expr, StepGrid grid, CommonParts.Part? part)
    {
        var node = _plan.Enter(PlanNames.Of(expr));
        if (part?.Shared is { } shared)
        {
            node.Computes(shared.Number);
        }

        return _plan.Leave(node, expr switch
        {
            UnaryExpr e => Merged(new NegateOperator(Vector(e.Inner, grid))),
            BinaryExpr e => Binary(e, grid),
            AggregateExpr e => _aggregations.Plan(e, grid),
            CallExpr e => _functions.Plan(e, grid),
            _ => throw new InvalidOperationException($"no vector: {expr.GetType().Name}"),
        });
    }

    public ScalarOperator Scalar(Expr expr, StepGrid grid)
    {
        switch (expr)
        {
            case ParenExpr e:
                return Scalar(e.Inner, grid);
            case UnaryExpr { IsMinus: false } e:
                return Scalar(e.Inner, grid);
        }

        if (ConstantFolding.TryFold(expr, out var constant))
        {
            return _plan.Leave(_plan.Enter(PlanNames.Number(constant)), new ConstantScalar(grid, constant));
        }

        if (grid.Count > 1 && StepInvariance.Holds(expr))
        {
            var repeat = _plan.Enter(PlanNames.Repeat(grid.Count));
            return _plan.Leave(repeat, new RepeatScalar(Scalar(expr, grid.First), grid));
        }

        var node = _plan.Enter(PlanNames.Of(expr));
        return _plan.Leave(node, expr switch
        {
            UnaryExpr e => new NegateScalar(Scalar(e.Inner, grid)),
            BinaryExpr e => new BinaryScalar(BinaryKernel.For(e.Op)!, Scalar(e.Left, grid), Scalar(e.Right, grid)),
            CallExpr { Function.Name: "time" } => new TimeScalar(grid),
            CallExpr { Function.Name: "scalar" } e => new ScalarOfVector(Vector(e.Arguments[0], grid)),
            CallExpr { Function.Name: "min_of" } e => new ExtremeScalar(Scalar(e.Arguments[0], grid), Scalar(e.Arguments[1], grid), isMax: false),
            CallExpr { Function.Name: "max_of" } e => new ExtremeScalar(Scalar(e.Arguments[0], grid), Scalar(e.Arguments[1], grid), isMax: true),
            _ => throw new InvalidOperationException($"no scalar: {expr.GetType().Name}"),
        });
    }

    /// <summary>Plans a range vector.</summary>
    /// <param name="expr">A range selector or a subquery, perhaps in parentheses.</param>
    /// <param name="grid">The steps that look at its windows.</param>
    /// <param name="function">Name of the function around.</param>
    public RangeSource Range(Expr expr, StepGrid grid, string function)
    {
        expr = StepInvariance.Unwrap(expr);
        var node = _plan.Enter(PlanNames.Range(expr, TotalsOnly && expr is MatrixSelector));
        return _plan.Leave(node, Range(expr, grid, function, node));
    }

    private RangeSource Range(Expr expr, StepGrid grid, string function, PlanNode node)
    {
        switch (expr)
        {
            case MatrixSelector e:
                var selector = e.Selector;
                var margin = selector.Anchored || selector.Smoothed ? _lookback : 0;
                var samples = Samples(selector, grid, e.Range + margin, selector.Smoothed ? _lookback : 0);
                return new RangeSelector(
                    grid,
                    Shift(selector.Modifiers),
                    e.Range,
                    selector.Matchers,
                    new SelectionHints(function, TotalsOnly, node, samples),
                    before: selector.Anchored || selector.Smoothed,
                    after: selector.Smoothed);
            case SubqueryExpr e:
                var shift = Shift(e.Modifiers);
                var step = e.Step > 0 ? e.Step : Options.DefaultEvaluationIntervalMs;
                var inner = SubquerySource.InnerGrid(grid, shift, e.Range, step);
                return new SubquerySource(grid, shift, e.Range, inner.Count == 0 ? null : WithBuckets(e.Inner, inner, string.Empty));
            default:
                throw new InvalidOperationException($"no range vector: {expr.GetType().Name}");
        }
    }

    public VectorOperator Selector(VectorSelector e, StepGrid grid, SelectedValue value, string around, CommonParts.Part? part = null)
    {
        var node = _plan.Enter(PlanNames.Selector(e, value, TotalsOnly));
        if (part?.Shared is { } shared)
        {
            node.Computes(shared.Number);
        }

        var hints = new SelectionHints(around, TotalsOnly, node, Samples(e, grid, _lookback, e.Smoothed ? _lookback : 0));
        return _plan.Leave(node, e.Smoothed
            ? new SmoothedSelector(grid, e.Matchers, Shift(e.Modifiers), hints, e.Position)
            : new InstantSelector(grid, e.Matchers, Shift(e.Modifiers), value, hints));
    }

    /// <summary>The samples of a selector, which it shares with those planned before and after that read the same.</summary>
    private SharedSamples Samples(VectorSelector selector, StepGrid grid, long back, long ahead)
    {
        var shift = Shift(selector.Modifiers);
        var key = SharedSelections.KeyOf(new SelectRequest
        {
            Matchers = selector.Matchers,
            MinTime = shift.Apply(grid.Start) - back + 1,
            MaxTime = shift.Apply(grid.End) + ahead,
            Step = grid.Count > 1 ? grid.Step : 0,
        });
        if (!_samples.TryGetValue(key, out var samples))
        {
            _samples.Add(key, samples = new SharedSamples());
        }

        samples.Uses++;
        return samples;
    }

    /// <summary>Joins series that an operator made equal by dropping names.</summary>
    public static VectorOperator Merged(VectorOperator inner) => new NameDropOperator(inner);

    public static string Text(Expr expr) => ((StringLiteral)StepInvariance.Unwrap(expr)).Value;

    private static TimeShift Shift(TimeModifiers modifiers) =>
        new(modifiers.At == AtKind.None ? null : modifiers.AtTimestamp, modifiers.Offset);

    // The trim operators look into the buckets.
    private VectorOperator Operand(BinaryExpr e, Expr side, StepGrid grid) =>
        e.Op is BinaryOp.TrimUpper or BinaryOp.TrimLower ? WithBuckets(side, grid, string.Empty) : Vector(side, grid);

    private VectorOperator Binary(BinaryExpr e, StepGrid grid)
    {
        if (e.Right.Type == ValueType.Scalar)
        {
            return Merged(new VectorScalarOperator(Operand(e, e.Left, grid), Scalar(e.Right, grid), scalarIsLeft: false, e));
        }

        if (e.Left.Type == ValueType.Scalar)
        {
            return Merged(new VectorScalarOperator(Operand(e, e.Right, grid), Scalar(e.Left, grid), scalarIsLeft: true, e));
        }

        var matching = e.Matching ?? new VectorMatching();
        if (e.Op is BinaryOp.And or BinaryOp.Or or BinaryOp.Unless)
        {
            var selection = matching.On ? LabelSelection.Only(matching.Labels) : LabelSelection.AllBut(matching.Labels);
            var set = new SetOperator(e.Op, Vector(e.Left, grid), Vector(e.Right, grid), selection);
            return e.Op == BinaryOp.Or ? new UnionOperator(set) : set;
        }

        return new VectorVectorOperator(Operand(e, e.Left, grid), Operand(e, e.Right, grid), e with { Matching = matching });
    }
}
