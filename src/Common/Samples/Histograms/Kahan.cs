using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Deucalion.Common.Samples.Histograms;

/// <summary>Compensated summation after Kahan and Neumaier: the rounding error of each step is kept beside the sum.</summary>
public static class Kahan
{
    /// <summary>Adds a value; the true sum is <paramref name="sum"/> + <paramref name="lost"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(double value, ref double sum, ref double lost)
    {
        var total = sum + value;
        if (double.IsInfinity(total))
        {
            lost = 0;
        }
        else if (Math.Abs(sum) >= Math.Abs(value))
        {
            lost += (sum - total) + value;
        }
        else
        {
            lost += (value - total) + sum;
        }

        sum = total;
    }

    /// <summary>
    /// The same for four sums at a time, bit for bit: both forms compute the error of an addition exactly. Sums that overflow become infinite,
    /// with nothing lost.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(Vector256<double> value, ref Vector256<double> sum, ref Vector256<double> lost)
    {
        var total = sum + value;
        var added = total - sum;
        var error = (sum - (total - added)) + (value - added);
        lost = Vector256.ConditionalSelect(Vector256.Equals(Vector256.Abs(total), Vector256.Create(double.PositiveInfinity)), Vector256<double>.Zero, lost + error);
        sum = total;
    }
}
