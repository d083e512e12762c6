using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>Walks values of one label name in the postings offset table.</summary>
internal ref struct PostingsValues(ReadOnlySpan<byte> table, int position, int count, long postingsEnd)
{
    private ByteReader _reader = new(table) { Position = position };
    private int _left = count;
    private readonly long _postingsEnd = postingsEnd;

    /// <summary>The value, UTF-8.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Where its postings lie.</summary>
    public PostingsRange Range { get; private set; }

    public bool MoveNext()
    {
        if (_left == 0)
        {
            return false;
        }

        _left--;
        _reader.Uvarint();
        _reader.String();
        Value = _reader.String();
        var offset = (long)_reader.Uvarint();

        // Lists lie in the order of the table, so the next entry's offset bounds this list.
        var end = _postingsEnd;
        if (_reader.Left > 0)
        {
            var peek = _reader;
            peek.Uvarint();
            peek.String();
            peek.String();
            var next = (long)peek.Uvarint();
            end = next > offset ? next : _postingsEnd;
        }

        Range = new PostingsRange(offset, end);
        return true;
    }
}
