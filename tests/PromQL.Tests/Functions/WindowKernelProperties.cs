using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Functions.Averages;
using Deucalion.PromQL.Functions.Rates;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Aggregations;
using Xunit;

namespace Deucalion.PromQL.Tests.Functions;

/// <summary>Forms that save work against the plain ones, bit for bit.</summary>
public sealed class WindowKernelProperties
{
    private static readonly double[] Odd =
    [
        0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, -double.MaxValue, double.Epsilon, 1e-310, 1e300, -1e300, 1,
    ];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0.02)]
    [InlineData(3, 0.3)]
    public void SumsSideBySideEqualSumsAlone_WhenTheyAreFinite(int seed, double oddShare)
    {
        var random = new Random(seed);
        var taken = 0;
        var results = new double[FloatAverage.Lanes];
        for (var round = 0; round < 2000; round++)
        {
            var values = Values(random, 60, oddShare);
            var length = random.Next(1, 40);
            int[] starts = [random.Next(20), random.Next(20), random.Next(20), random.Next(20)];
            foreach (var average in (bool[])[true, false])
            {
                if (!FloatAverage.TryLanes(values, starts, length, average, results))
                {
                    continue;
                }

                taken++;
                for (var lane = 0; lane < starts.Length; lane++)
                {
                    var window = values.AsSpan(starts[lane], length);
                    Assert.Equal(Bits(average ? FloatAverage.Of(window) : FloatAverage.SumOf(window)), Bits(results[lane]));
                }
            }
        }

        Assert.True(taken > 0 || oddShare > 0.1);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 0.1)]
    public void SumOfColumnsEqualsPlainSum_WhenStepsAreAbsent(int seed, double oddShare)
    {
        var random = new Random(seed);
        const int Steps = 67;
        var accumulator = new SumAccumulator(Steps);
        var sums = new double[Steps];
        var lost = new double[Steps];
        var seen = new bool[Steps];
        for (var series = 0; series < 300; series++)
        {
            var column = new StepColumn(Steps);
            column.Clear();
            var values = Values(random, Steps, oddShare);
            for (var s = 0; s < Steps; s++)
            {
                if (random.Next(3) == 0)
                {
                    continue;
                }

                column.Values[s] = values[s];
                if (seen[s])
                {
                    Kahan.Add(values[s], ref sums[s], ref lost[s]);
                }
                else
                {
                    (sums[s], seen[s]) = (values[s], true);
                }
            }

            accumulator.Add(column);
        }

        var result = new StepColumn(Steps);
        result.Clear();
        accumulator.Finish(result);
        for (var s = 0; s < Steps; s++)
        {
            Assert.Equal(Bits(sums[s] + lost[s]), Bits(result.Values[s]));
        }
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void RememberedFactorEqualsComputedOne_WhenWindowsRepeat(int seed)
    {
        var random = new Random(seed);
        var divisor = seed == 6 ? 1 : 300.0;
        var remembered = new RepeatedExtrapolation(divisor);
        for (var round = 0; round < 100_000; round++)
        {
            var regular = random.Next(4) != 0;
            long first = 1_000_000 + (round * 15_000L) + (regular ? 0 : random.Next(15_000));
            var count = regular ? 20 : random.Next(2, 20);
            var last = first + ((count - 1) * 15_000L) + (regular ? 0 : random.Next(1000));
            var (start, end) = (first - 7_000 - random.Next(2), last + 8_000);
            var firstValue = random.Next(5) == 0 ? Odd[random.Next(Odd.Length)] : random.NextDouble() * Math.Pow(10, random.Next(-3, 6));
            var increase = random.Next(5) == 0 ? Odd[random.Next(Odd.Length)] : random.NextDouble() * Math.Pow(10, random.Next(-3, 6));
            var expected = Extrapolation.Factor(first, last, count, start, end, firstValue, increase, 0) / divisor;
            Assert.Equal(Bits(expected), Bits(remembered.Factor(first, last, count, start, end, firstValue, increase)));
        }
    }

    private static double[] Values(Random random, int count, double oddShare) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < oddShare ? Odd[random.Next(Odd.Length)] : (random.NextDouble() - 0.3) * Math.Pow(10, random.Next(-9, 9)))];

    // Any NaN is as good as another.
    private static long Bits(double value) => double.IsNaN(value) ? long.MaxValue : BitConverter.DoubleToInt64Bits(value);
}
