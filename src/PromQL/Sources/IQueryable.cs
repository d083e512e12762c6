namespace Deucalion.PromQL.Sources;

/// <summary>Where the engine gets its series from: implemented over heads and blocks by the querier, over memory by tests. Thread-safe.</summary>
public interface IQueryable
{
    /// <summary>
    /// Finds the series that satisfy all matchers and may have samples in the range. The set belongs to the caller, who disposes it after
    /// the last read; the token may end its reads too. Throws when a part of the data cannot be had, never answers with a silent gap.
    /// </summary>
    ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken);
}
