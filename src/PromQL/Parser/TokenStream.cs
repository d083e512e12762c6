using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>
/// Tokens with one of lookahead, read only when asked for, since a bad token further on must not hide an error found before it.
/// It also knows what an unexpected token is to be blamed on: the innermost construct that says so.
/// </summary>
internal sealed class TokenStream(string input)
{
    /// <summary>Deepest allowed nesting of the tree, so that no visitor exhausts its stack.</summary>
    public const int MaxDepth = 1000;

    private readonly Lexer _lexer = new(input);
    private readonly Stack<(string Context, string Expected)> _blame = new();
    private Token _ahead;
    private bool _hasAhead;
    private int _depth;

    public string Input => input;

    /// <summary>End of the last closing bracket or number read; ends selectors with modifiers.</summary>
    public int LastClosing { get; private set; }

    public TokenKind Kind => Peek().Kind;

    public Token Peek()
    {
        if (!_hasAhead)
        {
            _ahead = _lexer.Next();
            _hasAhead = true;
            if (_ahead.Kind is TokenKind.RightBrace or TokenKind.RightParen or TokenKind.RightBracket or TokenKind.Duration or TokenKind.Number)
            {
                LastClosing = _ahead.End;
            }
        }

        return _ahead;
    }

    public Token Take()
    {
        var token = Peek();
        _hasAhead = false;
        return token;
    }

    /// <summary>Takes the token if it is of the kind, else fails with the innermost blame.</summary>
    public Token Expect(TokenKind kind) => Kind == kind ? Take() : throw Unexpected();

    /// <summary>From here until <see cref="Unblame"/> an unexpected token is reported with this text.</summary>
    public void Blame(string context, string expected) => _blame.Push((context, expected));

    public void Unblame() => _blame.Pop();

    /// <summary>The error for the next token where it cannot stand.</summary>
    public ParseException Unexpected()
    {
        var (context, expected) = _blame.TryPeek(out var top) ? top : (string.Empty, string.Empty);
        return Unexpected(context, expected);
    }

    public ParseException Unexpected(string context, string expected)
    {
        var token = Peek();
        var text = "unexpected " + token.Describe();
        text += context.Length > 0 ? " in " + context : string.Empty;
        text += expected.Length > 0 ? ", expected " + expected : string.Empty;
        return Error(token.Position, text);
    }

    public ParseException Error(PositionRange position, string text) => new(input, position, text);

    /// <summary>Enters a nested construct.</summary>
    public void Enter(PositionRange at)
    {
        if (++_depth > MaxDepth)
        {
            throw TooDeep(at);
        }
    }

    public void Leave() => _depth--;

    public ParseException TooDeep(PositionRange at) => Error(at, $"expression is nested more than {MaxDepth} levels deep");
}
