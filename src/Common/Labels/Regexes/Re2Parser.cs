namespace Deucalion.Common.Labels.Regexes;

/// <summary>Reads RE2 syntax as Go's regexp/syntax does with its Perl flags and "." matching every character.</summary>
internal sealed class Re2Parser
{
    private const int MaxRepeat = 1000;
    private const int MaxHeight = 1000;
    private const long MaxSize = 3_355_443;

    private readonly string _pattern;
    private readonly Re2Escapes _escapes;
    private readonly Stack<Frame> _frames = new();
    private readonly List<string> _groups = [string.Empty];
    private Frame _frame;
    private Re2Flags _flags = Re2Flags.DotNewline;
    private int _pos;

    private Re2Parser(string pattern)
    {
        _pattern = pattern;
        _escapes = new Re2Escapes(pattern);
        _frame = new Frame(-1, _flags);
    }

    /// <summary>The tree, and the names of groups by number (empty for unnamed ones and for the whole).</summary>
    /// <exception cref="RegexSyntaxException">The expression is not valid.</exception>
    public static (RegexNode Root, IReadOnlyList<string> Groups) Parse(string pattern)
    {
        if (!LabelText.IsUtf8(pattern))
        {
            throw Error("invalid UTF-8", pattern);
        }

        var parser = new Re2Parser(pattern);
        return (parser.Parse(), parser._groups);
    }

    internal static RegexSyntaxException Error(string code, string part) => new($"error parsing regexp: {code}: `{part}`", null);

    private RegexNode Parse()
    {
        (int Start, int End) lastRepeat = (-1, -1);
        while (_pos < _pattern.Length)
        {
            var start = _pos;
            var isRepeat = ParseItem(lastRepeat.Start);
            lastRepeat = isRepeat ? (start, _pos) : (-1, -1);
        }

        return _frames.Count > 0 ? throw Error("missing closing )", _pattern) : Limit(_frame.Finish());
    }

    // Whether it was a repetition, which another one must not follow.
    private bool ParseItem(int lastRepeat)
    {
        var c = _pattern[_pos];
        switch (c)
        {
            case '(':
                OpenGroup();
                return false;
            case ')':
                CloseGroup();
                return false;
            case '|':
                _pos++;
                _frame.NextAlternative();
                return false;
            case '^':
                _pos++;
                Add(RegexNode.Leaf(_flags.HasFlag(Re2Flags.MultiLine) ? RegexOp.BeginLine : RegexOp.BeginText));
                return false;
            case '$':
                _pos++;
                Add(RegexNode.Leaf(_flags.HasFlag(Re2Flags.MultiLine) ? RegexOp.EndLine : RegexOp.EndText));
                return false;
            case '.':
                _pos++;
                Add(RegexNode.OfSet(_flags.HasFlag(Re2Flags.DotNewline) ? CharSet.Full : CharSet.NotNewline));
                return false;
            case '[':
                Add(RegexNode.OfSet(new Re2ClassParser(_pattern, _escapes, _flags).Parse(ref _pos)));
                return false;
            case '*' or '+' or '?':
                var at = _pos++;
                Repeat(c == '+' ? 1 : 0, c == '?' ? 1 : -1, at, lastRepeat);
                return true;
            case '{':
                return ParseCount(lastRepeat);
            case '\\':
                ParseBackslash();
                return false;
            default:
                AddLiteral(Re2Escapes.ReadRune(_pattern, ref _pos));
                return false;
        }
    }

    private void Add(RegexNode node) => _frame.Current.Add(Limit(node));

    private RegexNode Limit(RegexNode node) => node.Height > MaxHeight ? throw Error("expression nests too deeply", _pattern)
        : node.Size > MaxSize ? throw Error("expression too large", _pattern)
        : node;

    private void AddLiteral(int rune) =>
        Add(RegexNode.OfSet(_flags.HasFlag(Re2Flags.Fold) ? CaseOrbits.Of(rune) : CharSet.Of(rune)));

    private void OpenGroup()
    {
        if (_pos + 1 < _pattern.Length && _pattern[_pos + 1] == '?')
        {
            OpenPerlGroup();
            return;
        }

        _pos++;
        OpenFrame(AddGroup(string.Empty), _flags);
    }

    private int AddGroup(string name)
    {
        _groups.Add(name);
        return _groups.Count - 1;
    }

    private void OpenFrame(int group, Re2Flags inner)
    {
        _frames.Push(_frame);
        _frame = new Frame(group, _flags);
        _flags = inner;
    }

    private void CloseGroup()
    {
        if (_frames.Count == 0)
        {
            throw Error("unexpected )", _pattern);
        }

        _pos++;
        var node = _frame.Finish();
        var group = _frame.Group;
        _flags = _frame.Flags;
        _frame = _frames.Pop();
        Add(group >= 0 ? RegexNode.Capture(node, group) : node);
    }

    private void OpenPerlGroup()
    {
        var rest = _pattern.AsSpan(_pos);
        var nameAt = rest.Length > 4 && rest[2] == 'P' && rest[3] == '<' ? 4 : rest.Length > 3 && rest[2] == '<' ? 3 : 0;
        if (nameAt > 0)
        {
            var end = rest.IndexOf('>');
            if (end < 0)
            {
                throw Error("invalid named capture", rest.ToString());
            }

            var name = rest[nameAt..end];
            if (name.IsEmpty || name.IndexOfAnyExcept(Re2Escapes.WordCharacters) >= 0)
            {
                throw Error("invalid named capture", rest[..(end + 1)].ToString());
            }

            _pos += end + 1;
            OpenFrame(AddGroup(name.ToString()), _flags);
            return;
        }

        ParseFlags();
    }

    private void ParseFlags()
    {
        var start = _pos;
        _pos += 2;
        var flags = _flags;
        var negative = false;
        var sawFlag = false;
        while (_pos < _pattern.Length)
        {
            var c = (char)Math.Min(Re2Escapes.ReadRune(_pattern, ref _pos), char.MaxValue);
            Re2Flags? flag = c switch
            {
                'i' => Re2Flags.Fold,
                'm' => Re2Flags.MultiLine,
                's' => Re2Flags.DotNewline,
                'U' => Re2Flags.NonGreedy,
                _ => null,
            };
            if (flag is { } known)
            {
                flags = negative ? flags & ~known : flags | known;
                sawFlag = true;
            }
            else if (c == '-' && !negative)
            {
                negative = true;
                sawFlag = false;
            }
            else if (c is ':' or ')' && (!negative || sawFlag))
            {
                if (c == ':')
                {
                    OpenFrame(-1, flags);
                }

                _flags = flags;
                return;
            }
            else
            {
                break;
            }
        }

        throw Error("invalid or unsupported Perl syntax", _pattern[start.._pos]);
    }

    private bool ParseCount(int lastRepeat)
    {
        var start = _pos;
        if (!TryReadCount(out var min, out var max))
        {
            _pos = start + 1;
            AddLiteral('{');
            return false;
        }

        if (min is < 0 or > MaxRepeat || max > MaxRepeat || (max >= 0 && min > max))
        {
            throw Error("invalid repeat count", _pattern[start.._pos]);
        }

        Repeat(min, max, start, lastRepeat);
        return true;
    }

    private bool TryReadCount(out int min, out int max)
    {
        max = 0;
        _pos++;
        if (!TryReadInt(out min))
        {
            return false;
        }

        max = min;
        if (_pos < _pattern.Length && _pattern[_pos] == ',')
        {
            _pos++;
            if (_pos < _pattern.Length && _pattern[_pos] == '}')
            {
                max = -1;
            }
            else if (!TryReadInt(out max))
            {
                return false;
            }
            else if (max < 0)
            {
                min = -1;
            }
        }

        return _pos < _pattern.Length && _pattern[_pos++] == '}';
    }

    // -1 for a number that is too big.
    private bool TryReadInt(out int value)
    {
        value = 0;
        var start = _pos;
        while (_pos < _pattern.Length && char.IsAsciiDigit(_pattern[_pos]))
        {
            value = value is < 0 or >= 100_000_000 ? -1 : (value * 10) + (_pattern[_pos] - '0');
            _pos++;
        }

        return _pos > start && !(_pos - start > 1 && _pattern[start] == '0');
    }

    private void Repeat(int min, int max, int start, int lastRepeat)
    {
        var lazy = _flags.HasFlag(Re2Flags.NonGreedy);
        if (_pos < _pattern.Length && _pattern[_pos] == '?')
        {
            _pos++;
            lazy = !lazy;
        }

        if (lastRepeat >= 0)
        {
            throw Error("invalid nested repetition operator", _pattern[lastRepeat.._pos]);
        }

        var part = _pattern[start.._pos];
        if (_frame.Current.Count == 0)
        {
            throw Error("missing argument to repetition operator", part);
        }

        var node = RegexNode.Repeat(_frame.Current[^1], min, max, lazy);
        if (_pattern[start] == '{' && (min >= 2 || max >= 2) && !RepeatIsValid(node, MaxRepeat))
        {
            throw Error("invalid repeat count", part);
        }

        _frame.Current[^1] = Limit(node);
    }

    // Counted repetitions inside one another must not come to more than the limit. ("*" and "+" are no counted ones.)
    private static bool RepeatIsValid(RegexNode node, int limit)
    {
        if (node.Op == RegexOp.Repeat && !(node.Max < 0 && node.Min < 2))
        {
            var count = node.Max < 0 ? node.Min : node.Max;
            if (count == 0)
            {
                return true;
            }

            if (count > limit)
            {
                return false;
            }

            limit /= count;
        }

        return node.Children.All(child => RepeatIsValid(child, limit));
    }

    private void ParseBackslash()
    {
        var next = _pos + 1 < _pattern.Length ? _pattern[_pos + 1] : '\0';
        RegexOp? op = next switch
        {
            'A' => RegexOp.BeginText,
            'z' => RegexOp.EndText,
            'b' => RegexOp.WordBoundary,
            'B' => RegexOp.NotWordBoundary,
            _ => null,
        };
        if (op is { } found)
        {
            _pos += 2;
            Add(RegexNode.Leaf(found));
            return;
        }

        switch (next)
        {
            case 'C':
                throw Error("invalid escape sequence", "\\C");
            case 'Q':
                ParseQuoted();
                return;
        }

        if (_escapes.TryReadSet(ref _pos, _flags.HasFlag(Re2Flags.Fold)) is { } set)
        {
            Add(RegexNode.OfSet(set));
            return;
        }

        AddLiteral(_escapes.ReadEscape(ref _pos));
    }

    private void ParseQuoted()
    {
        _pos += 2;
        var end = _pattern.IndexOf("\\E", _pos, StringComparison.Ordinal);
        foreach (var rune in (end < 0 ? _pattern[_pos..] : _pattern[_pos..end]).EnumerateRunes())
        {
            AddLiteral(rune.Value);
        }

        _pos = end < 0 ? _pattern.Length : end + 2;
    }

    /// <summary>An open group.</summary>
    private sealed class Frame(int group, Re2Flags flags)
    {
        private readonly List<RegexNode> _alternatives = [];

        public int Group => group;

        public Re2Flags Flags => flags;

        public List<RegexNode> Current { get; private set; } = [];

        public void NextAlternative()
        {
            _alternatives.Add(RegexNode.Concat(Current));
            Current = [];
        }

        public RegexNode Finish()
        {
            NextAlternative();
            return RegexNode.Alternate(_alternatives);
        }
    }
}
