using System.Numerics;
using System.Runtime.InteropServices;

namespace Deucalion.PromQL.Functions.Rates;

/// <summary>Finds where a counter went down.</summary>
internal static class CounterResets
{
    /// <summary>The indexes of values lower than their predecessor, written into <paramref name="scratch"/>.</summary>
    public static ReadOnlySpan<int> Find(ReadOnlySpan<double> values, List<int> scratch)
    {
        scratch.Clear();
        var i = 1;
        var width = Vector<double>.Count;
        for (; i + width <= values.Length; i += width)
        {
            // Most series have no reset: whole vectors are passed over.
            if (Vector.LessThanAny(new Vector<double>(values[i..]), new Vector<double>(values[(i - 1)..])))
            {
                Collect(values, i, i + width, scratch);
            }
        }

        Collect(values, i, values.Length, scratch);
        return CollectionsMarshal.AsSpan(scratch);
    }

    private static void Collect(ReadOnlySpan<double> values, int from, int to, List<int> into)
    {
        for (var i = from; i < to; i++)
        {
            if (values[i] < values[i - 1])
            {
                into.Add(i);
            }
        }
    }
}
