using System.Runtime.Intrinsics;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>sum, compensated.</summary>
internal sealed class SumAccumulator : GroupAccumulator
{
    private readonly double[] _sums;
    private readonly double[] _lost;
    private HistogramSteps? _histograms;

    public SumAccumulator(int steps)
    {
        _sums = new double[steps];
        _lost = new double[steps];
        _sums.AsSpan().Fill(StepColumn.Absent);
    }

    public override long Bytes => (16L * _sums.Length) + (_histograms?.Bytes ?? 0);

    public override void Add(StepColumn column)
    {
        var values = column.Values;
        var sums = _sums.AsSpan(0, values.Length);
        var lost = _lost.AsSpan(0, values.Length);
        for (var s = _histograms is null ? AddVectors(values, sums, lost) : 0; s < values.Length; s++)
        {
            var value = values[s];
            if (StepColumn.IsAbsent(value) || _histograms?.HasEnded(s) == true)
            {
                continue;
            }

            if (StepColumn.IsAbsent(sums[s]))
            {
                sums[s] = value;
            }
            else
            {
                Kahan.Add(value, ref sums[s], ref lost[s]);
            }
        }

        if (column.Histograms is not null)
        {
            _histograms ??= new HistogramSteps(values.Length, average: false, s => !StepColumn.IsAbsent(_sums[s]));
            _histograms.Add(column.Histograms, SeriesName);
        }
    }

    // Four steps at a time; returns where the rest begins.
    private static int AddVectors(ReadOnlySpan<double> values, Span<double> sums, Span<double> lost)
    {
        var absent = Vector256.Create(BitConverter.DoubleToInt64Bits(StepColumn.Absent));
        var s = 0;
        if (!Vector256.IsHardwareAccelerated)
        {
            return s;
        }

        for (; s + Vector256<double>.Count <= values.Length; s += Vector256<double>.Count)
        {
            var value = Vector256.Create(values[s..]);
            var sum = Vector256.Create<double>(sums[s..]);
            var before = Vector256.Create<double>(lost[s..]);
            var hasNone = Vector256.Equals(value.AsInt64(), absent).AsDouble();
            var isFirst = Vector256.Equals(sum.AsInt64(), absent).AsDouble();
            var (nextSum, nextLost) = (sum, before);
            Kahan.Add(value, ref nextSum, ref nextLost);
            Vector256.ConditionalSelect(hasNone, sum, Vector256.ConditionalSelect(isFirst, value, nextSum)).CopyTo(sums[s..]);
            Vector256.ConditionalSelect(hasNone | isFirst, before, nextLost).CopyTo(lost[s..]);
        }

        return s;
    }

    public override void Report(AggregationNotes notes) => _histograms?.Report(notes);

    public override void Finish(StepColumn result)
    {
        for (var s = 0; s < _sums.Length; s++)
        {
            if (!StepColumn.IsAbsent(_sums[s]))
            {
                result.Values[s] = _sums[s] + _lost[s];
            }
        }

        _histograms?.Finish(result);
    }
}
