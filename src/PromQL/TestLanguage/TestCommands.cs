using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>A command of a test script.</summary>
/// <param name="Line">Line of its header, from 1.</param>
internal abstract record TestCommand(int Line);

/// <summary>Forgets all data.</summary>
internal sealed record ClearCommand(int Line) : TestCommand(Line);

/// <summary>Adds samples.</summary>
internal sealed record LoadCommand(int Line, IReadOnlyList<LoadedSeries> Series, bool WithCustomBuckets) : TestCommand(Line);

/// <summary>Runs a query and checks what comes of it.</summary>
internal sealed record EvalCommand(int Line, string Query, Expr Expression, long Start, long End, long Step, Expectation Expected)
    : TestCommand(Line)
{
    public bool IsRange => Step > 0;
}

/// <summary>The samples of one line of a load.</summary>
internal sealed record LoadedSeries(Labels Labels, IReadOnlyList<LoadedSample> Samples);

/// <summary>One sample to load.</summary>
internal readonly record struct LoadedSample(long Time, long StartTime, double Value, FloatHistogram? Histogram);
