using System.Text;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Printer;

/// <summary>Text of expressions over several lines: what is longer than a line is split at its operator, function or parentheses.</summary>
public static class PrettyPrinter
{
    private const int LineBytes = 100;

    /// <summary>The expression as Prometheus formats it.</summary>
    public static string Print(Expr expr) => Print(expr, 0);

    private static string Print(Expr expr, int level)
    {
        var indent = string.Concat(Enumerable.Repeat("  ", level));
        if (expr is UnaryExpr unary)
        {
            return indent + (unary.IsMinus ? "-" : "+") + Print(unary.Inner, level).Trim();
        }

        var line = ExprPrinter.Print(expr);
        var isShort = Encoding.UTF8.GetByteCount(line) <= LineBytes;
        if (expr is SubqueryExpr subquery)
        {
            // Prometheus does not indent a subquery that fits.
            return isShort ? line : Print(subquery.Inner, level) + Text(ExprPrinter.AppendSuffix, subquery);
        }

        if (isShort)
        {
            return indent + line;
        }

        return expr switch
        {
            AggregateExpr e => indent + Text(ExprPrinter.AppendHead, e) + "(\n"
                + (e.Parameter is null ? string.Empty : Print(e.Parameter, level + 1) + ",\n")
                + Print(e.Inner, level + 1) + "\n" + indent + ")",
            BinaryExpr e => Print(e.Left, level + 1) + "\n" + indent + Text(ExprPrinter.AppendOperator, e) + "\n" + Print(e.Right, level + 1),
            CallExpr e => indent + e.Function.Name + "(\n" + string.Join(",\n", e.Arguments.Select(a => Print(a, level + 1))) + "\n" + indent + ")",
            ParenExpr e => indent + "(\n" + Print(e.Inner, level + 1) + "\n" + indent + ")",
            _ => indent + line,
        };
    }

    private static string Text<T>(Action<StringBuilder, T> append, T node)
    {
        var text = new StringBuilder();
        append(text, node);
        return text.ToString();
    }
}
