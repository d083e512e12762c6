using System.Text;
using Deucalion.Common.Text;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Printer;

/// <summary>Text of durations, duration expressions and time modifiers.</summary>
internal static class DurationPrinter
{
    public static void Append(StringBuilder text, long milliseconds, DurationExpr? expr)
    {
        if (expr is null)
        {
            text.Append(DurationText.Format(milliseconds));
        }
        else
        {
            Append(text, expr);
        }
    }

    public static void Append(StringBuilder text, DurationExpr e)
    {
        text.Append(e.Wrapped ? "(" : string.Empty);
        switch (e)
        {
            case { Op: DurationOp.Literal, IsDuration: true }:
                text.Append(e.Seconds < 0 ? "-" : string.Empty);
                text.Append(DurationText.Format((long)(Math.Abs(e.Seconds) * 1e9) / 1_000_000));
                break;
            case { Op: DurationOp.Literal }:
                text.Append(GoFloat.FormatFixed(e.Seconds));
                break;
            case { Op: DurationOp.Step or DurationOp.Range }:
                text.Append(OperatorText.Of(e.Op)).Append("()");
                break;
            case { Op: DurationOp.Min or DurationOp.Max }:
                text.Append(OperatorText.Of(e.Op)).Append('(');
                Append(text, e.Left!);
                text.Append(", ");
                Append(text, e.Right!);
                text.Append(')');
                break;
            case { Left: null }:
                text.Append(e.Op == DurationOp.Sub ? "-" : string.Empty);
                Append(text, e.Right!);
                break;
            default:
                Append(text, e.Left);
                text.Append(' ').Append(OperatorText.Of(e.Op)).Append(' ');
                Append(text, e.Right!);
                break;
        }

        text.Append(e.Wrapped ? ")" : string.Empty);
    }

    public static void AppendAt(StringBuilder text, TimeModifiers modifiers)
    {
        switch (modifiers.At)
        {
            case AtKind.Timestamp:
                text.Append(" @ ").Append(GoFloat.FormatDecimals(modifiers.AtTimestamp / 1000.0, 3));
                break;
            case AtKind.Start:
                text.Append(" @ start()");
                break;
            case AtKind.End:
                text.Append(" @ end()");
                break;
        }
    }

    // Behind a sign the parentheses end the offset; without one, an arithmetic operator after them belongs to it.
    public static void AppendOffset(StringBuilder text, TimeModifiers modifiers, bool beforeOperator)
    {
        if (modifiers.OffsetExpr is not null)
        {
            text.Append(beforeOperator && modifiers.OffsetExpr.Wrapped ? " offset +" : " offset ");
            Append(text, modifiers.OffsetExpr);
        }
        else if (modifiers.Offset != 0)
        {
            text.Append(" offset ").Append(DurationText.Format(modifiers.Offset));
        }
    }
}
