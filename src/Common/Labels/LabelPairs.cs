using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Deucalion.Common.Hashing;
using Deucalion.Common.Memory;

namespace Deucalion.Common.Labels;

/// <summary>
/// Label pairs, numbered 0, 1, 2 …; the same pair always has the same number. Their text is kept as bytes in pooled memory and made into strings
/// where somebody asks. Written by one thread, then read by many, until <see cref="Dispose"/>.
/// </summary>
public sealed class LabelPairs : IDisposable
{
    // Up to so many names looking through them is faster than a dictionary, which most sets never need.
    private const int FewNames = 16;

    private readonly List<string> _names = new(FewNames);
    private Dictionary<string, int>? _nameNumbers;
    private readonly PooledColumn<Row> _rows = new();
    private readonly TextCache _values = new();
    private readonly PooledTable _table = new();
    private readonly PooledBytes _text = new();

    /// <summary>Number of pairs.</summary>
    public int Count => _rows.Count;

    /// <summary>Number of label names.</summary>
    public int NameCount => _names.Count;

    /// <summary>Bytes of memory held, strings aside.</summary>
    public long Bytes => _rows.Bytes + _table.Bytes + _text.Bytes;

    /// <summary>Number of a label name, which is added where it is new.</summary>
    public int Name(string name)
    {
        var number = FindName(name);
        if (number >= 0)
        {
            return number;
        }

        _names.Add(name);
        if (_names.Count > FewNames)
        {
            _nameNumbers ??= Enumerable.Range(0, FewNames).ToDictionary(i => _names[i], static i => i, StringComparer.Ordinal);
            _nameNumbers.Add(name, _names.Count - 1);
        }

        return _names.Count - 1;
    }

    /// <summary>Number of a label name, or -1 where no pair has it.</summary>
    public int FindName(string name) =>
        _nameNumbers is null ? _names.IndexOf(name) : _nameNumbers.GetValueOrDefault(name, -1);

    /// <summary>Label name of a number.</summary>
    public string NameText(int name) => _names[name];

    /// <summary>Number of a pair, which is added where it is new.</summary>
    /// <param name="name">Number of the label name.</param>
    /// <param name="value">The value as UTF-8.</param>
    /// <param name="known">The value as a string, or null where there is none yet.</param>
    public int Number(int name, ReadOnlySpan<byte> value, string? known)
    {
        var hash = SeededHash.Finish(SeededHash.Add(SeededHash.Seed + (uint)name, value));
        for (uint probe = 0; _table.Next(hash, ref probe) is var pair && pair >= 0;)
        {
            ref readonly var row = ref _rows[pair];
            if (row.Name == name && _text.At(row.Place, row.Length).SequenceEqual(value))
            {
                return pair;
            }
        }

        _rows.Add(new Row(name, value.Length, _text.Add(value)));
        _values.Add(_rows.Count - 1, known);
        return _table.Add(hash);
    }

    /// <summary>Number of a pair, which is added where it is new.</summary>
    public int Number(string name, string value)
    {
        const int OnStack = 512;
        var longest = 3 * value.Length;
        var rented = longest > OnStack ? ArrayPool<byte>.Shared.Rent(longest) : null;
        Span<byte> bytes = rented is null ? stackalloc byte[OnStack] : rented;
        var number = Number(Name(name), bytes[..Encode(value, bytes)], value);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return number;
    }

    /// <summary>Number of the label name of a pair.</summary>
    public int NameOf(int pair) => _rows[pair].Name;

    /// <summary>The label name of a pair.</summary>
    public string NameTextOf(int pair) => _names[_rows[pair].Name];

    /// <summary>The value of a pair.</summary>
    public string ValueOf(int pair)
    {
        if (_values.Get(pair) is not { } value)
        {
            value = Encoding.UTF8.GetString(ValueBytesOf(pair));
            _values.Put(pair, value);
        }

        return value;
    }

    /// <summary>The value of a pair as a string where that exists already.</summary>
    public string? KnownValueOf(int pair) => _values.Get(pair);

    /// <summary>The value of a pair as UTF-8.</summary>
    public ReadOnlySpan<byte> ValueBytesOf(int pair) => _text.At(_rows[pair].Place, _rows[pair].Length);

    /// <summary>Forgets all and gives the memory back; strings that were handed out stay.</summary>
    public void Dispose()
    {
        _names.Clear();
        _nameNumbers = null;
        _rows.Release();
        _values.Clear();
        _table.Release();
        _text.Release();
    }

    // A query can hold text that is no UTF-8, as lone surrogates. Written like other characters they stay apart from all valid text.
    private static int Encode(string value, Span<byte> bytes)
    {
        var rest = value.AsSpan();
        for (var length = 0; ;)
        {
            var status = Utf8.FromUtf16(rest, bytes[length..], out var read, out var written, replaceInvalidSequences: false);
            length += written;
            if (status == OperationStatus.Done)
            {
                return length;
            }

            var surrogate = rest[read];
            bytes[length++] = (byte)(0xE0 | (surrogate >> 12));
            bytes[length++] = (byte)(0x80 | ((surrogate >> 6) & 0x3F));
            bytes[length++] = (byte)(0x80 | (surrogate & 0x3F));
            rest = rest[(read + 1)..];
        }
    }

    private readonly record struct Row(int Name, int Length, BytePlace Place);
}
