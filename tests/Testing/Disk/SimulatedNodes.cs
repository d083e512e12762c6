namespace Testing.Disk;

/// <summary>A file or directory of the simulated disk.</summary>
internal abstract class SimulatedNode
{
    /// <summary>What of this node is there after a power loss.</summary>
    public abstract void Crash(Random random);
}

/// <summary>A file: what programs see, what the device surely has, and which bytes a sync has still to bring there.</summary>
internal sealed class SimulatedContent : SimulatedNode
{
    private const int Sector = 512;

    private readonly List<(int Start, int End)> _dirty = [];
    private byte[] _bytes = [];
    private byte[] _durable = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(Length + bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Touch(Length, Length + bytes.Length);
        Length += bytes.Length;
    }

    public void SetLength(int length)
    {
        Reserve(length);
        if (length > Length)
        {
            _bytes.AsSpan(Length, length - Length).Clear();
            Touch(Length, length);
        }

        Length = length;
    }

    public void Sync()
    {
        Array.Resize(ref _durable, Length);
        foreach (var (start, end) in _dirty)
        {
            var to = Math.Min(end, Length);
            if (start < to)
            {
                _bytes.AsSpan(start, to - start).CopyTo(_durable.AsSpan(start));
            }
        }

        _dirty.Clear();
    }

    /// <summary>As Linux does after a failed sync: the pages count as clean, so that no later sync brings them to the device.</summary>
    public void FailSync() => _dirty.Clear();

    public override void Crash(Random random)
    {
        var length = random.Next(4) switch
        {
            0 => _durable.Length,
            1 => Length,
            _ => random.Next(Math.Min(_durable.Length, Length), Math.Max(_durable.Length, Length) + 1),
        };
        var mode = random.Next(3);
        var result = new byte[length];
        for (var start = 0; start < length; start += Sector)
        {
            var useNew = mode switch { 0 => false, 1 => true, _ => random.Next(2) == 0 };
            var source = useNew ? _bytes.AsSpan(0, Length) : _durable;
            var count = Math.Min(Math.Min(Sector, length - start), source.Length - start);
            if (count > 0)
            {
                source.Slice(start, count).CopyTo(result.AsSpan(start));
            }
        }

        _bytes = result;
        _durable = result.ToArray();
        Length = length;
        _dirty.Clear();
    }

    /// <summary>Damages a byte on the device and in memory.</summary>
    public void Flip(int offset)
    {
        _bytes[offset] ^= 0x5A;
        if (offset < _durable.Length)
        {
            _durable[offset] ^= 0x5A;
        }
    }

    private void Touch(int start, int end)
    {
        if (_dirty.Count > 0 && _dirty[^1].End == start)
        {
            _dirty[^1] = (_dirty[^1].Start, end);
        }
        else
        {
            _dirty.Add((start, end));
        }
    }

    private void Reserve(int length)
    {
        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(length, Math.Max(4096, _bytes.Length * 2)));
        }
    }
}

/// <summary>A directory: its entries as programs see them, as the device surely has them, and the changes in between.</summary>
internal sealed class SimulatedDirectory : SimulatedNode
{
    private readonly List<(string Name, SimulatedNode? Node)[]> _pending = [];
    private SortedDictionary<string, SimulatedNode> _durable = new(StringComparer.Ordinal);

    public SortedDictionary<string, SimulatedNode> Entries { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Changes entries; all of one call become durable together or not at all.</summary>
    public void Change(params (string Name, SimulatedNode? Node)[] changes)
    {
        Apply(Entries, changes);
        _pending.Add(changes);
    }

    public void Sync()
    {
        _durable = new SortedDictionary<string, SimulatedNode>(Entries, StringComparer.Ordinal);
        _pending.Clear();
    }

    public override void Crash(Random random)
    {
        var mode = random.Next(3);
        var prefix = random.Next(_pending.Count + 1);
        for (var i = 0; i < _pending.Count; i++)
        {
            if (mode switch { 0 => false, 1 => i < prefix, _ => random.Next(2) == 0 })
            {
                Apply(_durable, _pending[i]);
            }
        }

        _pending.Clear();
        Entries = new SortedDictionary<string, SimulatedNode>(_durable, StringComparer.Ordinal);
        foreach (var node in Entries.Values)
        {
            node.Crash(random);
        }
    }

    private static void Apply(SortedDictionary<string, SimulatedNode> entries, (string Name, SimulatedNode? Node)[] changes)
    {
        foreach (var (name, node) in changes)
        {
            if (node is null)
            {
                entries.Remove(name);
            }
            else
            {
                entries[name] = node;
            }
        }
    }
}
