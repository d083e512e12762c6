namespace Deucalion.PromQL.Parser;

/// <summary>Finds the end of a number or duration. What it accepts is not always valid: values are read later.</summary>
internal ref struct NumberScanner
{
    private const string Digits = "0123456789";
    private const string HexDigits = "0123456789abcdefABCDEF";

    private readonly string _input;
    private int _pos;

    private NumberScanner(string input, int start)
    {
        _input = input;
        _pos = start;
    }

    private readonly char Current => _pos < _input.Length ? _input[_pos] : '\0';

    private readonly bool AtEnd => _pos >= _input.Length;

    /// <summary>End of the number or duration at <paramref name="start"/>, or the complement of where it goes wrong.</summary>
    public static int Scan(string input, int start, out bool isDuration)
    {
        var scanner = new NumberScanner(input, start);
        isDuration = false;
        if (scanner.ScanNumber())
        {
            return scanner._pos;
        }

        isDuration = true;
        return scanner.ScanDuration() ? scanner._pos : ~scanner._pos;
    }

    private bool Is(string set) => !AtEnd && set.Contains(Current);

    private bool Accept(string set)
    {
        var found = Is(set);
        _pos += found ? 1 : 0;
        return found;
    }

    private bool AcceptRun(string set)
    {
        var start = _pos;
        while (Accept(set))
        {
        }

        return _pos > start;
    }

    private readonly bool AlphaNumericFollows() => !AtEnd && (char.IsAsciiLetterOrDigit(Current) || Current == '_');

    private bool ScanNumber()
    {
        var digits = Digits;
        if (Accept("0") && Accept("xX"))
        {
            Accept("_");
            digits = HexDigits;
        }

        Accept(".");
        Accept(digits);
        var dot = false;
        var exponent = false;
        while (Is(digits) || Is("._eE"))
        {
            if ((Is(".") && dot) || (Is("eE") && exponent))
            {
                _pos++;
                return false;
            }

            if (Accept("."))
            {
                dot = true;
                if (Accept("_.") || digits == HexDigits)
                {
                    return false;
                }
            }
            else if (Accept("eE"))
            {
                exponent = true;
                Accept("+-");
                if (Accept("._eE") || AtEnd)
                {
                    return false;
                }
            }
            else if (Accept("_"))
            {
                if (Accept("._eE") || AtEnd)
                {
                    return false;
                }
            }
            else
            {
                AcceptRun(digits);
            }
        }

        return !AlphaNumericFollows();
    }

    private bool ScanDuration()
    {
        if (!Accept("smhdwy"))
        {
            return false;
        }

        Accept("s");
        while (AcceptRun(Digits))
        {
            if (!Accept("smhdw"))
            {
                return false;
            }

            Accept("s");
        }

        if (!AlphaNumericFollows())
        {
            return true;
        }

        _pos++;
        return false;
    }
}
