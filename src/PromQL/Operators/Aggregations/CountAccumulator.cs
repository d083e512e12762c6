using System.Numerics;
using System.Runtime.InteropServices;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>count and group: floats and histograms alike.</summary>
internal sealed class CountAccumulator(int steps, bool isGroup) : GroupAccumulator
{
    private readonly double[] _counts = new double[steps];

    public override long Bytes => 8L * _counts.Length;

    public override void Add(StepColumn column)
    {
        var values = column.Values;
        var counts = _counts.AsSpan(0, values.Length);
        var absent = new Vector<long>(BitConverter.DoubleToInt64Bits(StepColumn.Absent));
        var next = 0;
        for (; next + Vector<double>.Count <= values.Length; next += Vector<double>.Count)
        {
            var hasNone = Vector.Equals(new Vector<long>(MemoryMarshal.Cast<double, long>(values.AsSpan(next))), absent);
            (new Vector<double>(counts[next..]) + Vector.ConditionalSelect(hasNone, Vector<double>.Zero, Vector<double>.One)).CopyTo(counts[next..]);
        }

        for (; next < values.Length; next++)
        {
            counts[next] += column.HasFloat(next) ? 1 : 0;
        }

        for (var s = 0; s < _counts.Length && column.Histograms is not null; s++)
        {
            _counts[s] += column.Histograms[s] is null ? 0 : 1;
        }
    }

    public override void Finish(StepColumn result)
    {
        for (var s = 0; s < _counts.Length; s++)
        {
            if (_counts[s] > 0)
            {
                result.Values[s] = isGroup ? 1 : _counts[s];
            }
        }
    }
}
