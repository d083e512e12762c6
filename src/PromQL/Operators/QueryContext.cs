using Deucalion.Common.Threads;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators;

/// <summary>What all operators of one running query share.</summary>
internal sealed class QueryContext
{
    /// <summary>Where the series come from.</summary>
    public required SharedSelections Selections { get; init; }

    public required EngineOptions Options { get; init; }

    /// <summary>Lookback of this query, milliseconds.</summary>
    public required long LookbackMs { get; init; }

    /// <summary>Whether it is a range query.</summary>
    public required bool IsRangeQuery { get; init; }

    public required SampleBudget Budget { get; init; }

    public required CancellationToken CancellationToken { get; init; }

    public AnnotationSet Annotations { get; } = new();

    /// <summary>
    /// Calls the body for each of a number of series, in order and by one thread at a time, which need not be the caller's. Ends a canceled query. For
    /// operators that open: whoever evaluates series must not wait for a thread.
    /// </summary>
    public void ForEach(int count, Action<int> body) => LongLoop.Run(count, body, CancellationToken);

    /// <summary>Stops a canceled query within a loop over series that evaluates none.</summary>
    public void CheckEvery1024(int index)
    {
        if ((index & 1023) == 0)
        {
            CancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Stops a canceled query within a loop over many steps.</summary>
    public void CheckEvery4096(int step)
    {
        if ((step & 4095) == 0)
        {
            CancellationToken.ThrowIfCancellationRequested();
        }
    }

    public bool DelayedNameRemoval => Options.DelayedNameRemoval;

    public int Workers => Options.MaxWorkers > 0 ? Options.MaxWorkers : Environment.ProcessorCount;
}
