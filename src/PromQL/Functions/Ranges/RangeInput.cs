using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Ranges;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>One series of a range vector and the steps that look at it.</summary>
internal readonly ref struct RangeInput
{
    public required QueryContext Context { get; init; }

    public required RangeSource Source { get; init; }

    /// <summary>Where the range vector stands in the query.</summary>
    public required PositionRange Position { get; init; }

    /// <summary>The samples, without stale markers.</summary>
    public required SampleBuffer Samples { get; init; }

    public required int Series { get; init; }

    public required Worker Worker { get; init; }

    public int Steps => Source.Grid.Count;

    /// <summary>Name of the metric for warnings; empty where it has been dropped already.</summary>
    public string MetricName => NameIsGone ? string.Empty : Source.RawLabelsAt(Series).Get(Labels.MetricName);

    private bool NameIsGone => Source.DropNameAt(Series) && !Context.DelayedNameRemoval;
}
