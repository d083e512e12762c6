using System.Text.RegularExpressions;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Printer;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Runs test scripts in the language of Prometheus's promqltest against an engine, with all its repetitions of instant queries.</summary>
public sealed partial class ScriptRunner
{
    private const long RangeStep = 60_000;

    private readonly PromQlEngine _engine;
    private readonly MemoryStore _store = new();

    /// <summary>Builds a runner; <see cref="DefaultOptions"/> are what the scripts of Prometheus assume.</summary>
    public ScriptRunner(EngineOptions options)
    {
        _engine = new PromQlEngine(options, TimeProvider.System, null);
    }

    /// <summary>Everything on, at most 10 000 samples, 100 s.</summary>
    public static EngineOptions DefaultOptions { get; } = new()
    {
        MaxSamples = 10_000,
        Timeout = TimeSpan.FromSeconds(100),
        ExperimentalFunctions = true,
        DelayedNameRemoval = true,
        ExtendedRangeSelectors = true,
        FillModifiers = true,
        UseStartTimestamps = true,
    };

    /// <summary>Runs all commands; failures do not stop it.</summary>
    /// <exception cref="ScriptException">The script is not valid; nothing has run.</exception>
    public Task<ScriptResult> RunAsync(string script, CancellationToken cancellationToken) =>
        RunAsync(ScriptReader.Read(script, _engine.ParserOptions), cancellationToken);

    internal async Task<ScriptResult> RunAsync(IReadOnlyList<TestCommand> commands, CancellationToken cancellationToken)
    {
        var failures = new List<ScriptFailure>();
        foreach (var command in commands)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await RunOneAsync(command, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }
        }

        return new ScriptResult(commands.Count, failures);
    }

    private async Task<ScriptFailure?> RunOneAsync(TestCommand command, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case ClearCommand:
                _store.Clear();
                return null;
            case LoadCommand load:
                return Load(load);
            case EvalCommand { IsRange: true } eval:
                return await EvalRangeAsync(eval, cancellationToken);
            case EvalCommand eval:
                return await EvalInstantAsync(eval, cancellationToken);
            default:
                throw new InvalidOperationException("unknown command");
        }
    }

    private ScriptFailure? Load(LoadCommand load)
    {
        try
        {
            foreach (var series in load.Series)
            {
                foreach (var sample in series.Samples)
                {
                    if (sample.Histogram is { } histogram)
                    {
                        _store.Add(series.Labels, sample.Time, histogram, sample.StartTime);
                    }
                    else
                    {
                        _store.Add(series.Labels, sample.Time, sample.Value, sample.StartTime);
                    }
                }
            }

            if (load.WithCustomBuckets)
            {
                CustomBucketLoader.Load(load, _store);
            }

            return null;
        }
        catch (InvalidOperationException e)
        {
            return new ScriptFailure(load.Line, string.Empty, e.Message);
        }
    }

    private async Task<ScriptFailure?> EvalRangeAsync(EvalCommand eval, CancellationToken cancellationToken)
    {
        var (result, error) = await TryAsync(
            () => _engine.RangeAsync(_store, eval.Query, eval.Start, eval.End, eval.Step, QueryOptions.Default, cancellationToken));
        var problem = Failure(eval, error)
            ?? (result is null || eval.Expected.Fail is not null ? null : ResultCheck.Annotations(eval.Expected, result)
            ?? ResultCheck.Values(eval.Expected, result, eval.Start, eval.Step));
        return problem is null ? null : new ScriptFailure(eval.Line, eval.Query, problem);
    }

    private async Task<ScriptFailure?> EvalInstantAsync(EvalCommand eval, CancellationToken cancellationToken)
    {
        if (await EvalAtAsync(eval, eval.Query, eval.Start, cancellationToken) is { } failure)
        {
            return failure;
        }

        if (AtVariants.IsUnsafe(eval.Expression))
        {
            return null;
        }

        var variant = ExprPrinter.Print(AtVariants.Fix(eval.Expression, eval.Start));
        long[] times = eval.Start == 0 ? [-1000, 0, 1000] : [-10 * eval.Start, 0, eval.Start / 5, eval.Start, 10 * eval.Start];
        foreach (var time in times)
        {
            if (await EvalAtAsync(eval, variant, time, cancellationToken) is { } variantFailure)
            {
                return variantFailure with { Reason = $"at {time}: {variantFailure.Reason}" };
            }
        }

        return null;
    }

    private async Task<ScriptFailure?> EvalAtAsync(EvalCommand eval, string query, long time, CancellationToken cancellationToken)
    {
        var (result, error) = await TryAsync(() => _engine.InstantAsync(_store, query, time, QueryOptions.Default, cancellationToken));
        var problem = Failure(eval, error);
        if (problem is not null || error is not null || eval.Expected.Fail is not null)
        {
            return problem is null ? null : new ScriptFailure(eval.Line, query, problem);
        }

        problem = ResultCheck.Annotations(eval.Expected, result!) ?? ResultCheck.Values(eval.Expected, result!, time, 1);
        if (problem is null && !SkipsRangeMode(eval))
        {
            problem = await EvalAsRangeAsync(eval, query, time, cancellationToken);
        }

        return problem is null ? null : new ScriptFailure(eval.Line, query, problem);
    }

    private async Task<string?> EvalAsRangeAsync(EvalCommand eval, string query, long time, CancellationToken cancellationToken)
    {
        var (result, error) = await TryAsync(
            () => _engine.RangeAsync(_store, query, time - RangeStep, time + RangeStep, RangeStep, QueryOptions.Default, cancellationToken));
        if (error is not null)
        {
            return $"in range mode: {error}";
        }

        return !eval.Expected.Ordered && ResultCheck.AtTime(eval.Expected, result!, time) is { } problem ? $"in range mode: {problem}" : null;
    }

    private static bool SkipsRangeMode(EvalCommand eval) =>
        eval.Expected.RangeVector is not null || eval.Expected.Text is not null || QueryBounds().IsMatch(eval.Query);

    private static string? Failure(EvalCommand eval, string? error)
    {
        if (eval.Expected.Fail is not { } expected)
        {
            return error is null ? null : $"unexpected error: {error}";
        }

        return error is null ? "expected an error, got a result"
            : expected.Matches(error) ? null
            : $"expected error {expected}, got {error}";
    }

    private static async Task<(QueryResult? Result, string? Error)> TryAsync(Func<ValueTask<QueryResult>> query)
    {
        try
        {
            return (await query(), null);
        }
        catch (QueryException e)
        {
            return (null, e.Message);
        }
    }

    [GeneratedRegex(@"(start|end|range|step)\(\)", RegexOptions.CultureInvariant)]
    private static partial Regex QueryBounds();
}
