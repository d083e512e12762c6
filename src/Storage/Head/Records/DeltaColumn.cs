using System.Runtime.CompilerServices;

namespace Deucalion.Storage.Head.Records;

/// <summary>
/// A column of integers as differences to the one before (the first to 0), equal differences in a row as one token: varint of
/// zigzag(difference) × 2, + 1 where a varint with the number of further repetitions follows.
/// </summary>
internal sealed class DeltaColumn
{
    private readonly RecordBuffer _buffer = new();
    private long _previous;
    private long _delta;
    private int _run;

    /// <summary>The encoded column, complete after <see cref="Flush"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.Written;

    public void Clear()
    {
        _buffer.Clear();
        _previous = 0;
        _run = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long value)
    {
        var delta = value - _previous;
        _previous = value;
        if (delta == _delta && _run > 0)
        {
            _run++;
            return;
        }

        Flush();
        _delta = delta;
        _run = 1;
    }

    public void Flush()
    {
        if (_run == 0)
        {
            return;
        }

        var zigzag = (ulong)((_delta << 1) ^ (_delta >> 63));
        _buffer.Varint((zigzag << 1) | (_run > 1 ? 1UL : 0));
        if (_run > 1)
        {
            _buffer.Varint((ulong)_run - 2);
        }

        _run = 0;
    }

    /// <summary>Reads a column.</summary>
    internal ref struct Reader(ReadOnlySpan<byte> column)
    {
        private RecordReader _reader = new(column);
        private long _value;
        private long _delta;
        private long _run;

        public readonly bool AtEnd => _run == 0 && _reader.AtEnd;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public long Next()
        {
            if (_run == 0)
            {
                ReadToken();
            }

            _run--;
            _value += _delta;
            return _value;
        }

        private void ReadToken()
        {
            var token = _reader.Varint();
            var zigzag = token >> 1;
            _delta = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
            _run = 1;
            if ((token & 1) != 0)
            {
                _run = _reader.Number(int.MaxValue - 2) + 2L;
            }
        }
    }
}
