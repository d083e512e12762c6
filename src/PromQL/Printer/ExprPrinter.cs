using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.PromQL.Ast;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.PromQL.Printer;

/// <summary>Text of expressions on one line, as Prometheus prints them. Reading it again gives an equal tree.</summary>
public static class ExprPrinter
{
    /// <summary>The expression on one line.</summary>
    public static string Print(Expr expr)
    {
        var text = new StringBuilder();
        Append(text, expr, beforeOperator: false);
        return text.ToString();
    }

    /// <summary>The duration expression on one line.</summary>
    public static string Print(DurationExpr duration)
    {
        var text = new StringBuilder();
        DurationPrinter.Append(text, duration);
        return text.ToString();
    }

    /// <summary>Operator and grouping of an aggregation, up to its parenthesis.</summary>
    internal static void AppendHead(StringBuilder text, AggregateExpr e)
    {
        text.Append(OperatorText.Of(e.Op));
        if (e.Without || e.Grouping.Count > 0)
        {
            text.Append(e.Without ? " without (" : " by (");
            AppendLabels(text, e.Grouping);
            text.Append(") ");
        }
    }

    /// <summary>Operator, <c>bool</c> and matching of a binary operation.</summary>
    internal static void AppendOperator(StringBuilder text, BinaryExpr e)
    {
        text.Append(OperatorText.Of(e.Op)).Append(e.ReturnBool ? " bool" : string.Empty);
        if (e.Matching is not { } matching)
        {
            return;
        }

        var grouped = matching.Cardinality is MatchCardinality.ManyToOne or MatchCardinality.OneToMany;
        if (matching.Labels.Count > 0 || matching.On || grouped)
        {
            text.Append(matching.On ? " on (" : " ignoring (");
            AppendLabels(text, matching.Labels);
            text.Append(')');
        }

        if (grouped)
        {
            text.Append(matching.Cardinality == MatchCardinality.ManyToOne ? " group_left (" : " group_right (");
            AppendLabels(text, matching.Include);
            text.Append(')');
        }

        if (matching.FillLeft is { } both && matching.FillRight is { } other && both == other)
        {
            text.Append(" fill (").Append(GoFloat.FormatGeneral(both)).Append(')');
            return;
        }

        if (matching.FillLeft is { } left)
        {
            text.Append(" fill_left (").Append(GoFloat.FormatGeneral(left)).Append(')');
        }

        if (matching.FillRight is { } right)
        {
            text.Append(" fill_right (").Append(GoFloat.FormatGeneral(right)).Append(')');
        }
    }

    /// <summary>Brackets and modifiers of a subquery.</summary>
    internal static void AppendSuffix(StringBuilder text, SubqueryExpr e) => AppendSuffix(text, e, beforeOperator: false);

    private static void AppendSuffix(StringBuilder text, SubqueryExpr e, bool beforeOperator)
    {
        text.Append('[');
        DurationPrinter.Append(text, e.Range, e.RangeExpr);
        text.Append(':');
        if (e.Step != 0 || e.StepExpr is not null)
        {
            DurationPrinter.Append(text, e.Step, e.Step != 0 ? null : e.StepExpr);
        }

        text.Append(']');
        DurationPrinter.AppendAt(text, e.Modifiers);
        DurationPrinter.AppendOffset(text, e.Modifiers, beforeOperator);
    }

    // beforeOperator: an operator follows that a parenthesised offset would draw into itself.
    private static void Append(StringBuilder text, Expr expr, bool beforeOperator)
    {
        switch (expr)
        {
            case NumberLiteral e:
                AppendNumber(text, e);
                break;
            case StringLiteral e:
                LabelText.AppendQuoted(text, e.Value);
                break;
            case ParenExpr e:
                text.Append('(');
                Append(text, e.Inner, beforeOperator: false);
                text.Append(')');
                break;
            case UnaryExpr e:
                text.Append(e.IsMinus ? '-' : '+');
                Append(text, e.Inner, beforeOperator);
                break;
            case VectorSelector e:
                AppendSelector(text, e);
                DurationPrinter.AppendAt(text, e.Modifiers);
                AppendExtended(text, e);
                DurationPrinter.AppendOffset(text, e.Modifiers, beforeOperator);
                break;
            case MatrixSelector e:
                AppendSelector(text, e.Selector);
                text.Append('[');
                DurationPrinter.Append(text, e.Range, e.RangeExpr);
                text.Append(']');
                AppendExtended(text, e.Selector);
                DurationPrinter.AppendAt(text, e.Selector.Modifiers);
                DurationPrinter.AppendOffset(text, e.Selector.Modifiers, beforeOperator);
                break;
            case SubqueryExpr e:
                Append(text, e.Inner, beforeOperator: false);
                AppendSuffix(text, e, beforeOperator);
                break;
            case CallExpr e:
                text.Append(e.Function.Name).Append('(');
                AppendList(text, e.Arguments);
                text.Append(')');
                break;
            case BinaryExpr e:
                Append(text, e.Left, e.Op is BinaryOp.Add or BinaryOp.Sub or BinaryOp.Mul or BinaryOp.Div or BinaryOp.Mod or BinaryOp.Pow);
                text.Append(' ');
                AppendOperator(text, e);
                text.Append(' ');
                Append(text, e.Right, beforeOperator);
                break;
            case AggregateExpr e:
                AppendHead(text, e);
                text.Append('(');
                AppendList(text, e.Parameter is null ? [e.Inner] : [e.Parameter, e.Inner]);
                text.Append(')');
                break;
            default:
                throw new ArgumentException($"unknown node {expr.GetType().Name}", nameof(expr));
        }
    }

    private static void AppendNumber(StringBuilder text, NumberLiteral e)
    {
        if (!e.IsDuration)
        {
            text.Append(GoFloat.FormatFixed(e.Value));
            return;
        }

        text.Append(e.Value < 0 ? "-" : string.Empty);
        text.Append(DurationText.Format((long)(Math.Abs(e.Value) * 1e9) / 1_000_000));
    }

    private static void AppendList(StringBuilder text, IReadOnlyList<Expr> list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            text.Append(i == 0 ? string.Empty : ", ");
            Append(text, list[i], beforeOperator: false);
        }
    }

    private static void AppendLabels(StringBuilder text, IReadOnlyList<string> labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            text.Append(i == 0 ? string.Empty : ", ");
            LabelText.AppendName(text, labels[i]);
        }
    }

    private static void AppendSelector(StringBuilder text, VectorSelector e)
    {
        text.Append(e.Name);
        var matchers = new List<string>(e.Matchers.Count);
        foreach (var matcher in e.Matchers)
        {
            var isName = matcher.Name == Labels.MetricName && matcher.Type == MatchType.Equal && matcher.Value == e.Name && e.Name.Length > 0;
            if (!isName)
            {
                matchers.Add(matcher.ToString());
            }
        }

        if (matchers.Count > 0)
        {
            matchers.Sort(Utf8Order.Compare);
            text.Append('{').AppendJoin(',', matchers).Append('}');
        }
    }

    private static void AppendExtended(StringBuilder text, VectorSelector e) =>
        text.Append(e.Anchored ? " anchored" : e.Smoothed ? " smoothed" : string.Empty);
}
