using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Sources;

namespace Deucalion.Querier.Sources;

/// <summary>The samples of a tenant for a query that may look at no more than a length of time with any of its selectors: ranges, offsets and lookback count.</summary>
/// <param name="source">The samples.</param>
/// <param name="longest">Longest time.</param>
/// <param name="refusal">Says why a selector of such a length is refused.</param>
internal sealed class RangeLimitedSamples(PromQL.Sources.IQueryable source, TimeSpan longest, Func<TimeSpan, string> refusal) : PromQL.Sources.IQueryable
{
    /// <inheritdoc/>
    public ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken)
    {
        // Requests may ask for all times there are.
        var length = (Int128)request.MaxTime - request.MinTime;
        return length <= (long)longest.TotalMilliseconds
            ? source.SelectAsync(request, cancellationToken)
            : throw new QueryException(QueryErrorKind.Execution, refusal(TimeSpan.FromMilliseconds((double)Int128.Min(length, (Int128)TimeSpan.MaxValue.TotalMilliseconds - 1))));
    }
}
