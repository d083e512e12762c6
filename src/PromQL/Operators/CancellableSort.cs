namespace Deucalion.PromQL.Operators;

/// <summary>Sorts that end when the query is canceled.</summary>
internal static class CancellableSort
{
    private const int ComparisonsAtOnce = 1024;

    /// <summary>Sorts the list in place.</summary>
    /// <exception cref="OperationCanceledException">Canceled; the list is in any order.</exception>
    public static void Sort<T>(List<T> list, Comparison<T> comparison, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var left = ComparisonsAtOnce;
        try
        {
            list.Sort(Compare);
        }
        catch (InvalidOperationException e) when (e.InnerException is OperationCanceledException)
        {
            // What a comparison throws comes out wrapped.
            cancellation.ThrowIfCancellationRequested();
            throw;
        }

        int Compare(T a, T b)
        {
            if (--left == 0)
            {
                left = ComparisonsAtOnce;
                cancellation.ThrowIfCancellationRequested();
            }

            return comparison(a, b);
        }
    }
}
