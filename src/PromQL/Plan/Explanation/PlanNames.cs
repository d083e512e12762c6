using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Operators.Selectors;
using Deucalion.PromQL.Printer;

namespace Deucalion.PromQL.Plan.Explanation;

/// <summary>What the operators of a plan are called.</summary>
internal static class PlanNames
{
    public static string Number(double value) => "number " + GoFloat.FormatFixed(value);

    public static string Repeat(int steps) => $"repeat: computed at one step, used at {steps}";

    public static string Selector(VectorSelector selector, SelectedValue value, bool totalsOnly)
    {
        var text = "select " + ExprPrinter.Print(selector) + value switch
        {
            SelectedValue.Time => " (sample times)",
            SelectedValue.StartTime => " (start times)",
            _ => string.Empty,
        };
        return totalsOnly ? text + " (histograms: count and sum alone)" : text;
    }

    public static string Range(Expr expr, bool totalsOnly)
    {
        if (expr is SubqueryExpr subquery)
        {
            var suffix = new StringBuilder("subquery ");
            ExprPrinter.AppendSuffix(suffix, subquery);
            return suffix.ToString();
        }

        return "window " + ExprPrinter.Print(expr) + (totalsOnly ? " (histograms: count and sum alone)" : string.Empty);
    }

    /// <summary>Name of an operator without its inputs.</summary>
    public static string Of(Expr expr)
    {
        var text = new StringBuilder();
        switch (expr)
        {
            case UnaryExpr:
                return "negate";
            case StringLiteral e:
                return "string " + LabelText.Quote(e.Value);
            case BinaryExpr e:
                text.Append("binary ");
                ExprPrinter.AppendOperator(text, e);
                break;
            case AggregateExpr e:
                text.Append("aggregate ");
                ExprPrinter.AppendHead(text, e);
                AppendStrings(text, e.Parameter is null ? [] : [e.Parameter]);
                break;
            case CallExpr e:
                text.Append("function ").Append(e.Function.Name);
                AppendStrings(text, e.Arguments);
                break;
            default:
                return ExprPrinter.Print(expr);
        }

        return text.ToString().TrimEnd();
    }

    private static void AppendStrings(StringBuilder text, IReadOnlyList<Expr> arguments)
    {
        foreach (var argument in arguments)
        {
            if (StepInvariance.Unwrap(argument) is StringLiteral literal)
            {
                LabelText.AppendQuoted(text.Append(' '), literal.Value);
            }
        }
    }
}
