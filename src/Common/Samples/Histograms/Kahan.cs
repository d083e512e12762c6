namespace Deucalion.Common.Samples.Histograms;

/// <summary>Compensated summation after Kahan and Neumaier: the rounding error of each step is kept beside the sum.</summary>
public static class Kahan
{
    /// <summary>Adds a value; the true sum is <paramref name="sum"/> + <paramref name="lost"/>.</summary>
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
}
