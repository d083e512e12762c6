using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>A piece of the query.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, string Text)
{
    public int End => Start + Text.Length;

    public PositionRange Position => new(Start, End);

    public bool IsOperator => Kind is >= TokenKind.Add and <= TokenKind.At;

    public bool IsAggregator => Kind is >= TokenKind.Sum and <= TokenKind.LimitRatio;

    public bool IsKeyword => Kind is >= TokenKind.Bool and <= TokenKind.Without;

    /// <summary>How an error message names it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.EndOfInput => "end of input",
        TokenKind.Identifier => "identifier " + LabelText.Quote(Text),
        TokenKind.MetricIdentifier => "metric identifier " + LabelText.Quote(Text),
        TokenKind.String => "string " + Shortened(),
        TokenKind.Number => "number " + Shortened(),
        TokenKind.Duration => "duration " + Shortened(),
        _ when IsKeyword => $"<{Text}>",
        _ when IsOperator => $"<op:{Text}>",
        _ when IsAggregator => $"<aggr:{Text}>",
        _ => Shortened(),
    };

    // Prometheus cuts texts of more than ten bytes after ten code points.
    private string Shortened()
    {
        if (System.Text.Encoding.UTF8.GetByteCount(Text) <= 10)
        {
            return LabelText.Quote(Text);
        }

        var length = 0;
        var runes = 0;
        foreach (var rune in Text.EnumerateRunes())
        {
            if (runes++ == 10)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return LabelText.Quote(Text[..length]) + "...";
    }
}
