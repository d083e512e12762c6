using Deucalion.Common.Labels;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.Parser;

/// <summary>Values of number and duration tokens.</summary>
internal static class NumberReader
{
    /// <summary>The number; a duration's seconds.</summary>
    public static double Read(TokenStream tokens, Token token)
    {
        if (token.Kind == TokenKind.Duration)
        {
            return DurationText.TryParse(token.Text, out var milliseconds, out var problem)
                ? milliseconds / 1000.0
                : throw tokens.Error(token.Position, problem);
        }

        if (GoNumber.ParseInt(token.Text, out var integer) == NumberError.None)
        {
            return integer;
        }

        var error = GoNumber.ParseFloat(token.Text, out var value);
        if (error == NumberError.None)
        {
            return value;
        }

        var reason = error == NumberError.Range ? "value out of range" : "invalid syntax";
        throw tokens.Error(token.Position, $"error parsing number: strconv.ParseFloat: parsing {LabelText.Quote(token.Text)}: {reason}");
    }

    /// <summary>Seconds as the milliseconds of a selector, cut towards zero behind nanoseconds.</summary>
    public static long ToMilliseconds(double seconds) => (long)Math.Round(seconds * 1e9, MidpointRounding.AwayFromZero) / 1_000_000;
}
