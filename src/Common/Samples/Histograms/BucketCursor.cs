namespace Deucalion.Common.Samples.Histograms;

/// <summary>Walks over the buckets of one side of a histogram as it lies there.</summary>
internal ref struct BucketCursor(ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts)
{
    private readonly ReadOnlySpan<HistogramSpan> _spans = spans;
    private readonly ReadOnlySpan<double> _counts = counts;
    private int _span = -1;
    private uint _left;
    private int _at = -1;

    /// <summary>Index of the bucket.</summary>
    public int Index { get; private set; } = -1;

    /// <summary>Count of the bucket.</summary>
    public readonly double Count => _counts[_at];

    /// <summary>Moves to the next bucket; false behind the last.</summary>
    public bool Next()
    {
        if (_left == 0)
        {
            // The index stands behind the bucket before, where offsets count from; at first that is zero.
            var index = Index + 1;
            do
            {
                if (++_span >= _spans.Length)
                {
                    return false;
                }

                index += _spans[_span].Offset;
                _left = _spans[_span].Length;
            }
            while (_left == 0);

            Index = index - 1;
        }

        Index++;
        _left--;
        _at++;
        return true;
    }
}
