using System.Text;

namespace Deucalion.Common.Labels.Regexes;

/// <summary>
/// Runs a tree in time linear in the value by simulating all its states at once. For what .NET's linear engine lacks, ASCII word
/// boundaries, and for captures, which that engine loses in values of one line feed. Immutable and thread-safe.
/// </summary>
internal sealed class PikeMachine
{
    private readonly List<Instruction> _program = [];
    private readonly int _groups;

    // The lists of the last run, for the next one; taken out while a run uses them.
    private Tuple<ThreadList, ThreadList>? _spare;

    public PikeMachine(RegexNode root, int groups)
    {
        _groups = groups;
        Compile(root);
        _program.Add(new(Code.Accept));
    }

    private enum Code
    {
        Set,
        Split,
        Jump,
        Save,
        Assert,
        Accept,
    }

    public bool IsMatch(string value) => Run(value, 0) is not null;

    /// <summary>Start and end of each group in turn, -1 where it took no part; null without a match of the whole value.</summary>
    public int[]? Match(string value)
    {
        var slots = Run(value, 2 * _groups);
        if (slots is not null)
        {
            slots[0] = 0;
            slots[1] = value.Length;
        }

        return slots;
    }

    private static bool Holds(RegexOp op, string value, int at) => op switch
    {
        RegexOp.BeginText => at == 0,
        RegexOp.EndText => at == value.Length,
        RegexOp.BeginLine => at == 0 || value[at - 1] == '\n',
        RegexOp.EndLine => at == value.Length || value[at] == '\n',
        _ => (IsWord(value, at - 1) != IsWord(value, at)) == (op == RegexOp.WordBoundary),
    };

    private static bool IsWord(string value, int at) =>
        at >= 0 && at < value.Length && (char.IsAsciiLetterOrDigit(value[at]) || value[at] == '_');

    private int[]? Run(string value, int slotCount)
    {
        var lists = Interlocked.Exchange(ref _spare, null) ?? Tuple.Create(new ThreadList(_program.Count), new ThreadList(_program.Count));
        var slots = Run(value, slotCount, lists.Item1, lists.Item2);
        _spare = lists;
        return slots;
    }

    private int[]? Run(string value, int slotCount, ThreadList current, ThreadList next)
    {
        int[] start = slotCount == 0 ? [] : new int[slotCount];
        Array.Fill(start, -1);
        current.Clear();
        Follow(current, 0, value, 0, start);
        for (var at = 0; at < value.Length && current.Threads.Count > 0;)
        {
            Rune.DecodeFromUtf16(value.AsSpan(at), out var rune, out var length);
            at += length;
            next.Clear();
            foreach (var (pc, slots) in current.Threads)
            {
                if (_program[pc] is { Code: Code.Set, Set: { } set } && set.Contains(rune.Value))
                {
                    Follow(next, pc + 1, value, at, slots);
                }
            }

            (current, next) = (next, current);
        }

        foreach (var (pc, slots) in current.Threads)
        {
            if (_program[pc].Code == Code.Accept)
            {
                return slots;
            }
        }

        return null;
    }

    // Adds the states reachable without reading, the preferred ones first.
    private void Follow(ThreadList threads, int first, string value, int at, int[] firstSlots)
    {
        var pending = threads.Pending;
        pending.Push((first, firstSlots));
        while (pending.TryPop(out var item))
        {
            var (pc, slots) = item;
            if (!threads.Visit(pc))
            {
                continue;
            }

            var instruction = _program[pc];
            switch (instruction.Code)
            {
                case Code.Jump:
                    pending.Push((instruction.First, slots));
                    break;
                case Code.Split:
                    pending.Push((instruction.Second, slots));
                    pending.Push((instruction.First, slots));
                    break;
                case Code.Save:
                    if (instruction.First < slots.Length)
                    {
                        slots = (int[])slots.Clone();
                        slots[instruction.First] = at;
                    }

                    pending.Push((pc + 1, slots));
                    break;
                case Code.Assert:
                    if (Holds(instruction.Op, value, at))
                    {
                        pending.Push((pc + 1, slots));
                    }

                    break;
                default:
                    threads.Threads.Add(item);
                    break;
            }
        }
    }

    private void Compile(RegexNode node)
    {
        switch (node.Op)
        {
            case RegexOp.Empty:
                break;
            case RegexOp.Set:
                _program.Add(new(Code.Set) { Set = node.Set });
                break;
            case RegexOp.Concat:
                foreach (var child in node.Children)
                {
                    Compile(child);
                }

                break;
            case RegexOp.Alternate:
                CompileAlternatives(node);
                break;
            case RegexOp.Repeat:
                CompileRepeat(node);
                break;
            case RegexOp.Capture:
                _program.Add(new(Code.Save) { First = 2 * node.Group });
                Compile(node.Children[0]);
                _program.Add(new(Code.Save) { First = (2 * node.Group) + 1 });
                break;
            default:
                _program.Add(new(Code.Assert) { Op = node.Op });
                break;
        }
    }

    private void CompileAlternatives(RegexNode node)
    {
        var jumps = new List<int>();
        for (var i = 0; i < node.Children.Count; i++)
        {
            var isLast = i == node.Children.Count - 1;
            var split = _program.Count;
            if (!isLast)
            {
                _program.Add(new(Code.Split));
            }

            Compile(node.Children[i]);
            if (!isLast)
            {
                jumps.Add(_program.Count);
                _program.Add(new(Code.Jump));
                _program[split] = new(Code.Split) { First = split + 1, Second = _program.Count };
            }
        }

        foreach (var jump in jumps)
        {
            _program[jump] = new(Code.Jump) { First = _program.Count };
        }
    }

    private void CompileRepeat(RegexNode node)
    {
        var child = node.Children[0];
        for (var i = 0; i < node.Min; i++)
        {
            Compile(child);
        }

        if (node.Max < 0)
        {
            var split = AddSplit();
            Compile(child);
            _program.Add(new(Code.Jump) { First = split });
            SetSplit(split, node.Lazy);
            return;
        }

        var splits = new List<int>();
        for (var i = node.Min; i < node.Max; i++)
        {
            splits.Add(AddSplit());
            Compile(child);
        }

        foreach (var split in splits)
        {
            SetSplit(split, node.Lazy);
        }
    }

    private int AddSplit()
    {
        _program.Add(new(Code.Split));
        return _program.Count - 1;
    }

    private void SetSplit(int split, bool lazy) => _program[split] = lazy
        ? new(Code.Split) { First = _program.Count, Second = split + 1 }
        : new(Code.Split) { First = split + 1, Second = _program.Count };

    private readonly record struct Instruction(Code Code)
    {
        public CharSet? Set { get; init; }

        public int First { get; init; }

        public int Second { get; init; }

        public RegexOp Op { get; init; }
    }

    /// <summary>States in order of preference, each once.</summary>
    private sealed class ThreadList(int size)
    {
        private readonly bool[] _visited = new bool[size];

        public List<(int Pc, int[] Slots)> Threads { get; } = [];

        public Stack<(int Pc, int[] Slots)> Pending { get; } = new();

        public bool Visit(int pc)
        {
            var isNew = !_visited[pc];
            _visited[pc] = true;
            return isNew;
        }

        public void Clear()
        {
            Array.Clear(_visited);
            Threads.Clear();
        }
    }
}
