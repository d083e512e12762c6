using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>
/// Cuts a query into tokens on demand. What a character means depends on open braces and brackets, as in Prometheus, whose error
/// messages this follows.
/// </summary>
internal sealed class Lexer(string input)
{
    private const int EndOfInput = -1;

    private bool _inDuration;
    private int _start;
    private int _pos;
    private int _width;
    private int _parenDepth;
    private bool _braceOpen;
    private bool _bracketOpen;
    private bool _gotColon;
    private bool _gotDuration;

    public string Input => input;

    /// <summary>The next token, comments and spaces skipped.</summary>
    public Token Next()
    {
        while (true)
        {
            _start = _pos;
            var token = _inDuration ? LexDuration() : _braceOpen ? LexInsideBraces() : LexStatement();
            if (token is { } found)
            {
                return found;
            }
        }
    }

    private static bool IsSpace(int c) => c is ' ' or '\t' or '\n' or '\r';

    private static bool IsDigit(int c) => c is >= '0' and <= '9';

    private static bool IsAlpha(int c) => c is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private static bool IsAlphaNumeric(int c) => IsAlpha(c) || IsDigit(c);

    private static bool StartsDurationKeyword(int c) => c is 's' or 'S' or 'r' or 'R' or 'm' or 'M';

    private int Read()
    {
        if (_pos >= input.Length)
        {
            _width = 0;
            return EndOfInput;
        }

        var c = input[_pos];
        _width = 1;
        _pos++;
        if (!char.IsSurrogate(c))
        {
            return c;
        }

        if (char.IsHighSurrogate(c) && _pos < input.Length && char.IsLowSurrogate(input[_pos]))
        {
            _width = 2;
            _pos++;
            return char.ConvertToUtf32(c, input[_pos - 1]);
        }

        return 0xFFFD;
    }

    private void Unread() => _pos -= _width;

    private int Peek()
    {
        var c = Read();
        Unread();
        return c;
    }

    private Token Emit(TokenKind kind) => new(kind, _start, input[_start.._pos]);

    private ParseException Fail(string text) => new(input, new PositionRange(_start, input.Length), text);

    // An error found after the token before it was complete points behind that token.
    private ParseException FailAfter(string text)
    {
        _start = _pos;
        return Fail(text);
    }

    private Token? SkipSpaces()
    {
        while (IsSpace(Peek()))
        {
            Read();
        }

        return null;
    }

    private Token? SkipComment()
    {
        var end = input.AsSpan(_pos).IndexOfAny('\r', '\n');
        _pos = end < 0 ? input.Length : _pos + end;
        return null;
    }

    private Token? LexStatement()
    {
        var c = Read();
        switch (c)
        {
            case EndOfInput:
                return _parenDepth != 0 ? throw Fail("unclosed left parenthesis")
                    : _bracketOpen ? throw Fail("unclosed left bracket")
                    : Emit(TokenKind.EndOfInput);
            case '#':
                return SkipComment();
            case ' ' or '\t' or '\n' or '\r':
                return SkipSpaces();
            case ',':
                return Emit(TokenKind.Comma);
            case '*' or '/' or '%' or '+' or '-' or '^':
                return Emit(Arithmetic(c));
            case '=' or '!' or '<' or '>':
                return LexComparison(c);
            case '"' or '\'':
                return LexString(c);
            case '`':
                return LexRawString();
            case '(' or ')':
                return LexParen(c);
            case '{':
                _braceOpen = true;
                return Emit(TokenKind.LeftBrace);
            case '[':
                return LexLeftBracket();
            case ']':
                if (!_bracketOpen)
                {
                    throw Fail("unexpected right bracket ']'");
                }

                _bracketOpen = false;
                return Emit(TokenKind.RightBracket);
            case '@':
                return Emit(TokenKind.At);
        }

        if (IsDigit(c) || (c == '.' && IsDigit(Peek())))
        {
            return LexNumberOrDuration();
        }

        if (IsAlpha(c) || c == ':')
        {
            return _bracketOpen ? LexInsideBrackets(c) : LexWord();
        }

        throw Fail("unexpected character: " + CharacterText.Quote(c));
    }

    private static TokenKind Arithmetic(int c) => c switch
    {
        '*' => TokenKind.Mul,
        '/' => TokenKind.Div,
        '%' => TokenKind.Mod,
        '+' => TokenKind.Add,
        '-' => TokenKind.Sub,
        _ => TokenKind.Pow,
    };

    private Token LexComparison(int c)
    {
        var next = Read();
        switch ((c, next))
        {
            case ('=', '='): return Emit(TokenKind.Eql);
            case ('=', '~'): throw Fail("unexpected character after '=': '~'");
            case ('!', '='): return Emit(TokenKind.Neq);
            case ('!', _): throw Fail("unexpected character after '!': " + CharacterText.Quote(next));
            case ('<', '='): return Emit(TokenKind.Lte);
            case ('<', '/'): return Emit(TokenKind.TrimUpper);
            case ('>', '='): return Emit(TokenKind.Gte);
            case ('>', '/'): return Emit(TokenKind.TrimLower);
        }

        Unread();
        return Emit(c == '=' ? TokenKind.Assign : c == '<' ? TokenKind.Lss : TokenKind.Gtr);
    }

    private Token LexParen(int c)
    {
        if (c == '(')
        {
            _parenDepth++;
            return Emit(TokenKind.LeftParen);
        }

        return --_parenDepth < 0 ? throw FailAfter("unexpected right parenthesis ')'") : Emit(TokenKind.RightParen);
    }

    private Token LexLeftBracket()
    {
        if (_bracketOpen)
        {
            throw Fail("unexpected left bracket '['");
        }

        _gotColon = false;
        _bracketOpen = true;
        _inDuration = true;
        return Emit(TokenKind.LeftBracket);
    }

    // A colon or a keyword of duration expressions behind the first number in brackets.
    private Token LexInsideBrackets(int c)
    {
        if (c == ':')
        {
            if (_gotColon)
            {
                throw Fail("unexpected colon ':'");
            }

            _gotColon = true;
            return Emit(TokenKind.Colon);
        }

        return StartsDurationKeyword(c) && LexDurationKeyword() is { } token
            ? token
            : throw Fail($"unexpected character: {CharacterText.Quote(c)}, expected ':'");
    }

    private Token? LexDurationKeyword()
    {
        while (IsAlpha(Read()))
        {
        }

        Unread();
        return Keywords.FindInDuration(input.AsSpan(_start, _pos - _start)) is { } kind ? Emit(kind) : null;
    }

    private Token? LexDuration()
    {
        var c = Read();
        switch (c)
        {
            case EndOfInput:
                throw Fail("unexpected end of input in duration expression");
            case ']':
                _inDuration = false;
                _bracketOpen = false;
                _gotColon = false;
                return Emit(TokenKind.RightBracket);
            case ':':
                if (!_gotDuration || _gotColon)
                {
                    throw FailAfter(_gotDuration
                        ? "unexpected repeated colon in duration expression"
                        : "unexpected colon before duration in duration expression");
                }

                _gotColon = true;
                return Emit(TokenKind.Colon);
            case '(' or ')':
                return LexParen(c);
            case ' ' or '\t' or '\n' or '\r':
                return SkipSpaces();
            case '+' or '-' or '*' or '/' or '%' or '^':
                return Emit(Arithmetic(c));
            case ',':
                return Emit(TokenKind.Comma);
        }

        if (StartsDurationKeyword(c) && LexDurationKeyword() is { } token)
        {
            return token;
        }

        if (!IsDigit(c) && !(c == '.' && IsDigit(Peek())))
        {
            throw Fail("unexpected character in duration expression: " + CharacterText.Quote(c));
        }

        _gotDuration = true;
        _inDuration = false;
        return LexNumberOrDuration();
    }

    private Token? LexInsideBraces()
    {
        var c = Read();
        switch (c)
        {
            case EndOfInput:
                throw Fail("unexpected end of input inside braces");
            case '#':
                return SkipComment();
            case ' ' or '\t' or '\n' or '\r':
                return SkipSpaces();
            case ',':
                return Emit(TokenKind.Comma);
            case '"' or '\'':
                return LexString(c);
            case '`':
                return LexRawString();
            case '=':
                if (Read() == '~')
                {
                    return Emit(TokenKind.EqlRegex);
                }

                Unread();
                return Emit(TokenKind.Assign);
            case '!':
                var next = Read();
                return next switch
                {
                    '~' => Emit(TokenKind.NeqRegex),
                    '=' => Emit(TokenKind.Neq),
                    _ => throw Fail("unexpected character after '!' inside braces: " + CharacterText.Quote(next)),
                };
            case '{':
                throw Fail("unexpected left brace '{'");
            case '}':
                _braceOpen = false;
                return Emit(TokenKind.RightBrace);
        }

        if (!IsAlpha(c))
        {
            throw Fail("unexpected character inside braces: " + CharacterText.Quote(c));
        }

        while (IsAlphaNumeric(Read()))
        {
        }

        Unread();
        return Emit(TokenKind.Identifier);
    }

    private Token LexString(int quote)
    {
        while (true)
        {
            var c = Read();
            if (c == quote)
            {
                return Emit(TokenKind.String);
            }

            switch (c)
            {
                case '\\':
                    CheckEscape(quote);
                    break;
                case 0xFFFD:
                    throw Fail("invalid UTF-8 rune");
                case EndOfInput or '\n':
                    throw Fail("unterminated quoted string");
            }
        }
    }

    private Token LexRawString()
    {
        while (true)
        {
            switch (Read())
            {
                case '`':
                    return Emit(TokenKind.String);
                case 0xFFFD:
                    throw Fail("invalid UTF-8 rune");
                case EndOfInput:
                    throw Fail("unterminated raw string");
            }
        }
    }

    private void CheckEscape(int quote)
    {
        var c = Read();
        if (c == quote || c is 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v' or '\\')
        {
            return;
        }

        var (digits, radix, max) = c switch
        {
            >= '0' and <= '7' => (3, 8, 255u),
            'x' => (2, 16, 255u),
            'u' => (4, 16, 0x10FFFFu),
            'U' => (8, 16, 0x10FFFFu),
            EndOfInput => throw Fail("escape sequence not terminated"),
            _ => throw Fail("unknown escape sequence " + CharacterText.Unicode(c)),
        };
        if (radix == 8)
        {
            Unread();
        }

        var value = 0u;
        for (; digits > 0; digits--)
        {
            c = Read();
            var digit = c is > 0 and < 128 && char.IsAsciiHexDigit((char)c) ? Convert.ToInt32(((char)c).ToString(), 16) : 16;
            if (digit >= radix)
            {
                throw Fail(c == EndOfInput ? "escape sequence not terminated" : $"illegal character {CharacterText.Unicode(c)} in escape sequence");
            }

            value = unchecked((value * (uint)radix) + (uint)digit);
        }

        if (value > max || (value >= 0xD800 && value < 0xE000))
        {
            throw Fail("escape sequence is an invalid Unicode code point");
        }
    }

    private Token LexWord()
    {
        Unread();
        int c;
        do
        {
            c = Read();
        }
        while (IsAlphaNumeric(c) || c == ':');

        Unread();
        var word = input.AsSpan(_start, _pos - _start);
        if (Keywords.Find(word) is { } kind)
        {
            // A metric may have these names, so they are keywords only where a value follows.
            var isFill = kind is TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight;
            return Emit(isFill && !ParenFollows() ? TokenKind.Identifier : kind);
        }

        return Emit(word.Contains(':') ? TokenKind.MetricIdentifier : TokenKind.Identifier);
    }

    private bool ParenFollows()
    {
        var i = _pos;
        while (i < input.Length && IsSpace(input[i]))
        {
            i++;
        }

        return i < input.Length && input[i] == '(';
    }

    private Token LexNumberOrDuration()
    {
        var end = NumberScanner.Scan(input, _start, out var isDuration);
        if (end < 0)
        {
            throw Fail("bad number or duration syntax: " + LabelText.Quote(input[_start..~end]));
        }

        _pos = end;
        return Emit(isDuration ? TokenKind.Duration : TokenKind.Number);
    }
}
