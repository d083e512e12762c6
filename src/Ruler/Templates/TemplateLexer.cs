using Deucalion.PromQL.Parser;

namespace Deucalion.Ruler.Templates;

/// <summary>Kind of a token inside an action.</summary>
internal enum TemplateTokenKind
{
    End,
    Word,
    Field,
    Variable,
    Text,
    Number,
    Mark,
}

/// <summary>A token; <paramref name="Attached"/> says that no space is before it.</summary>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, bool Attached);

/// <summary>Cuts a template into texts and actions, and actions into tokens.</summary>
internal static class TemplateLexer
{
    /// <summary>Texts, and actions as their tokens; a comment is left out. Empty texts are left out too.</summary>
    public static List<(string? Text, List<TemplateToken>? Action)> Split(string template)
    {
        var parts = new List<(string?, List<TemplateToken>?)>();
        var at = 0;
        var trimNext = false;
        while (true)
        {
            var open = template.IndexOf("{{", at, StringComparison.Ordinal);
            var text = open < 0 ? template[at..] : template[at..open];
            text = trimNext ? text.TrimStart(' ', '\t', '\r', '\n') : text;
            var inner = open + 2;
            if (open >= 0 && IsTrimBefore(template, inner))
            {
                text = text.TrimEnd(' ', '\t', '\r', '\n');
                inner++;
            }

            if (text.Length > 0)
            {
                parts.Add((text, null));
            }

            if (open < 0)
            {
                return parts;
            }

            var tokens = new List<TemplateToken>();
            (at, trimNext) = IsComment(template, inner, out var end) ? end : Read(template, inner, tokens);
            if (tokens.Count > 0)
            {
                parts.Add((null, tokens));
            }
        }
    }

    private static bool IsTrimBefore(string s, int at) => at + 1 < s.Length && s[at] == '-' && char.IsWhiteSpace(s[at + 1]);

    private static bool IsComment(string s, int at, out (int At, bool Trim) end)
    {
        end = default;
        while (at < s.Length && char.IsWhiteSpace(s[at]))
        {
            at++;
        }

        if (string.CompareOrdinal(s, at, "/*", 0, 2) != 0)
        {
            return false;
        }

        var close = s.IndexOf("*/", at, StringComparison.Ordinal);
        var brace = close < 0 ? -1 : s.IndexOf("}}", close, StringComparison.Ordinal);
        if (brace < 0)
        {
            throw new TemplateException("unclosed comment");
        }

        end = (brace + 2, s[(close + 2)..brace].Trim() == "-");
        return true;
    }

    private static (int At, bool Trim) Read(string s, int at, List<TemplateToken> tokens)
    {
        var attached = false;
        while (true)
        {
            if (at >= s.Length)
            {
                throw new TemplateException("unclosed action");
            }

            if (string.CompareOrdinal(s, at, "}}", 0, 2) == 0)
            {
                return tokens.Count > 0 ? (at + 2, false) : throw new TemplateException("missing value for command");
            }

            if (char.IsWhiteSpace(s[at]))
            {
                if (string.CompareOrdinal(s, at + 1, "-}}", 0, 3) == 0)
                {
                    return (at + 4, true);
                }

                at++;
                attached = false;
                continue;
            }

            var start = at;
            var kind = Token(s, ref at, out var text);
            tokens.Add(new TemplateToken(kind, text ?? s[start..at], attached));
            attached = true;
        }
    }

    private static TemplateTokenKind Token(string s, ref int at, out string? text)
    {
        text = null;
        var c = s[at];
        var next = at + 1 < s.Length ? s[at + 1] : '\0';
        switch (c)
        {
            case '"' or '`' or '\'':
                text = Quoted(s, ref at);
                return TemplateTokenKind.Text;
            case '$':
                at = WordEnd(s, at + 1);
                return TemplateTokenKind.Variable;
            case '.' when char.IsLetter(next) || next == '_':
                at = WordEnd(s, at + 1);
                return TemplateTokenKind.Field;
            case ':' when next == '=':
                at += 2;
                return TemplateTokenKind.Mark;
        }

        if (char.IsLetter(c) || c == '_')
        {
            at = WordEnd(s, at);
            return TemplateTokenKind.Word;
        }

        if (char.IsAsciiDigit(c) || ((c is '-' or '+' or '.') && (char.IsAsciiDigit(next) || next == '.')))
        {
            at++;
            while (at < s.Length && (char.IsLetterOrDigit(s[at]) || s[at] is '.' or '_' || (s[at] is '+' or '-' && s[at - 1] is 'e' or 'E')))
            {
                at++;
            }

            return TemplateTokenKind.Number;
        }

        at++;
        return c is '|' or '(' or ')' or ',' or '=' or '.' ? TemplateTokenKind.Mark : throw new TemplateException($"unexpected \"{c}\" in command");
    }

    private static int WordEnd(string s, int at)
    {
        while (at < s.Length && (char.IsLetterOrDigit(s[at]) || s[at] == '_'))
        {
            at++;
        }

        return at;
    }

    private static string Quoted(string s, ref int at)
    {
        var quote = s[at];
        var start = at++;
        while (at < s.Length && s[at] != quote)
        {
            at += s[at] == '\\' && quote != '`' ? 2 : 1;
        }

        if (at >= s.Length)
        {
            throw new TemplateException("unterminated quoted string");
        }

        at++;
        try
        {
            return GoString.Unquote(s[start..at]);
        }
        catch (FormatException e)
        {
            throw new TemplateException(e.Message, e);
        }
    }
}
