using System.Globalization;
using System.Text;

namespace Deucalion.PromQL.Functions.Text;

/// <summary>Numbers as Go's strconv and fmt print them.</summary>
internal static class GoNumber
{
    /// <summary>Shortest digits without exponent: format 'f', precision -1.</summary>
    public static string Fixed(double value)
    {
        if (!double.IsFinite(value))
        {
            return NotFinite(value);
        }

        Digits(value, out var negative, out var digits, out var exponent);
        var text = new StringBuilder(negative ? "-" : string.Empty);
        AppendFixed(text, digits, exponent);
        return text.ToString();
    }

    /// <summary>Shortest digits, an exponent below -4 or from 21 up: %g and format 'g', precision -1.</summary>
    public static string General(double value)
    {
        if (!double.IsFinite(value))
        {
            return NotFinite(value);
        }

        Digits(value, out var negative, out var digits, out var exponent);
        return Compose(negative, digits, exponent, 21);
    }

    /// <summary>%.{precision}g</summary>
    public static string General(double value, int precision)
    {
        if (!double.IsFinite(value))
        {
            return NotFinite(value);
        }

        var text = value.ToString("E" + (precision - 1), CultureInfo.InvariantCulture);
        Split(text, out var negative, out var digits, out var exponent);
        return Compose(negative, digits, exponent, precision);
    }

    /// <summary>The label value of a quantile in the style of OpenMetrics: a float always shows a fraction or exponent.</summary>
    public static string OpenMetrics(double value)
    {
        if (!double.IsFinite(value))
        {
            return NotFinite(value);
        }

        var text = General(value);
        return text.AsSpan().IndexOfAny(".e") < 0 ? text + ".0" : text;
    }

    private static string NotFinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

    private static string Compose(bool negative, string digits, int exponent, int exponentFrom)
    {
        var text = new StringBuilder(negative ? "-" : string.Empty);
        if (exponent >= -4 && exponent < exponentFrom)
        {
            AppendFixed(text, digits, exponent);
            return text.ToString();
        }

        text.Append(digits[0]);
        if (digits.Length > 1)
        {
            text.Append('.').Append(digits, 1, digits.Length - 1);
        }

        return text.Append('e').Append(exponent < 0 ? '-' : '+').Append(Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)).ToString();
    }

    private static void AppendFixed(StringBuilder text, string digits, int exponent)
    {
        if (exponent < 0)
        {
            text.Append("0.").Append('0', -exponent - 1).Append(digits);
        }
        else if (digits.Length <= exponent + 1)
        {
            text.Append(digits).Append('0', exponent + 1 - digits.Length);
        }
        else
        {
            text.Append(digits, 0, exponent + 1).Append('.').Append(digits, exponent + 1, digits.Length - exponent - 1);
        }
    }

    private static void Digits(double value, out bool negative, out string digits, out int exponent)
    {
        if (value == 0)
        {
            negative = double.IsNegative(value);
            digits = "0";
            exponent = 0;
            return;
        }

        negative = value < 0;
        var shortest = value.ToString("R", CultureInfo.InvariantCulture).AsSpan();
        shortest = negative ? shortest[1..] : shortest;
        var e = shortest.IndexOf('E');
        var mantissa = e < 0 ? shortest : shortest[..e];
        var point = mantissa.IndexOf('.');
        var plain = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        var leading = plain.Length - plain.AsSpan().TrimStart('0').Length;
        exponent = (point < 0 ? mantissa.Length : point) - 1 - leading + (e < 0 ? 0 : int.Parse(shortest[(e + 1)..], CultureInfo.InvariantCulture));
        digits = plain.Trim('0');
    }

    private static void Split(string scientific, out bool negative, out string digits, out int exponent)
    {
        negative = scientific[0] == '-';
        var e = scientific.IndexOf('E');
        exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        digits = scientific[(negative ? 1 : 0)..e].Replace(".", string.Empty, StringComparison.Ordinal).TrimEnd('0');
        digits = digits.Length == 0 ? "0" : digits;
    }
}
