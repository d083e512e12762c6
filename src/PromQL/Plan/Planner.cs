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
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Plan;

/// <summary>Turns a resolved syntax tree into operators. Step-invariant parts are planned for one step and repeated.</summary>
internal sealed class Planner
{
    private readonly FunctionPlanner _functions;
    private readonly AggregationPlanner _aggregations;
    private readonly PlanRecorder _plan;
    private bool _needsBuckets;

    public Planner(EngineOptions options, PlanRecorder plan)
    {
        Options = options;
        _plan = plan;
        _functions = new FunctionPlanner(this);
        _aggregations = new AggregationPlanner(this);
    }

    public EngineOptions Options { get; }

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

        if (expr is VectorSelector selector)
        {
            return Selector(selector, grid, SelectedValue.Value, around);
        }

        var node = _plan.Enter(PlanNames.Of(expr));
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
                return new RangeSelector(
                    grid,
                    Shift(selector.Modifiers),
                    e.Range,
                    selector.Matchers,
                    new SelectionHints(function, TotalsOnly, node),
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

    public VectorOperator Selector(VectorSelector e, StepGrid grid, SelectedValue value, string around)
    {
        var node = _plan.Enter(PlanNames.Selector(e, value, TotalsOnly));
        var hints = new SelectionHints(around, TotalsOnly, node);
        return _plan.Leave(node, e.Smoothed
            ? new SmoothedSelector(grid, e.Matchers, Shift(e.Modifiers), hints, e.Position)
            : new InstantSelector(grid, e.Matchers, Shift(e.Modifiers), value, hints));
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
