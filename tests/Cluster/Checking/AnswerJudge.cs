using System.Globalization;
using System.Text.Json;
using Deucalion.Cluster.Load;

namespace Deucalion.Cluster.Checking;

/// <summary>
/// Says whether an answer may have been given: everything that was acknowledged before the question must be in it, and nothing that was not sent by the
/// time it was there. Pure; what is wrong comes back as sentences.
/// </summary>
internal sealed class AnswerJudge(LoadOptions options, long startMilliseconds)
{
    /// <summary>Judges an answer to a range selector over the steps from <paramref name="first"/> up to <paramref name="end"/>.</summary>
    public IReadOnlyList<string> Samples(JsonElement data, LedgerView before, LedgerView after, long first, long end) =>
        Judge(data, before.Sender, "matrix", (series, steps, wrong) =>
        {
            foreach (var (step, value) in steps)
            {
                if (step < first || step >= end || step >= after.Sent)
                {
                    wrong.Add($"step {step}, which was {(step >= after.Sent ? "never sent" : "not asked for")}");
                }
                else if (value != LoadSeries.ValueOf(before.Sender, series, step))
                {
                    wrong.Add($"a value of step {step} that was never sent, {value:R}");
                }
            }

            var missing = Range(first, end).Where(s => before.IsAcknowledged(s) && !steps.ContainsKey(s)).ToList();
            if (missing.Count > 0)
            {
                wrong.Add($"no sample of {missing.Count} acknowledged steps, {missing[0]} to {missing[^1]} ({before.Settled} were settled)");
            }
        });

    /// <summary>Judges an answer of <c>query_range</c> with a point at each of those steps.</summary>
    public IReadOnlyList<string> Points(JsonElement data, LedgerView before, LedgerView after, long first, long end) =>
        Judge(data, before.Sender, "matrix", (series, steps, wrong) =>
        {
            for (var step = first; step < end; step++)
            {
                // The newest sample up to that time: not older than the newest acknowledged one, not newer than what was sent.
                var oldest = step;
                while (oldest >= 0 && !before.IsAcknowledged(oldest))
                {
                    oldest--;
                }

                if (!steps.TryGetValue(step, out var value))
                {
                    if (oldest >= 0)
                    {
                        wrong.Add($"no point at step {step} though step {oldest} was acknowledged");
                        return;
                    }
                }
                else if (!Range(Math.Max(0, oldest), Math.Min(step + 1, after.Sent)).Any(s => value == LoadSeries.ValueOf(before.Sender, series, s)))
                {
                    wrong.Add($"at step {step} a value that is neither of that step nor of an allowed one before it");
                    return;
                }
            }
        });

    private static IEnumerable<long> Range(long first, long end)
    {
        for (var step = first; step < end; step++)
        {
            yield return step;
        }
    }

    private List<string> Judge(JsonElement data, int sender, string type, Action<int, IReadOnlyDictionary<long, double>, List<string>> judge)
    {
        var wrong = new List<string>();
        if (data.GetProperty("resultType").GetString() != type)
        {
            wrong.Add($"the result is no {type}");
            return wrong;
        }

        var found = new Dictionary<int, IReadOnlyDictionary<long, double>>();
        foreach (var element in data.GetProperty("result").EnumerateArray())
        {
            if (SeriesOf(element.GetProperty("metric"), sender) is not { } series || found.ContainsKey(series))
            {
                wrong.Add($"sender {sender}: a series that was never sent, or twice: {element.GetProperty("metric").GetRawText()}");
                continue;
            }

            found[series] = Steps(element.GetProperty("values"), series, wrong);
        }

        for (var series = 0; series < options.SeriesPerSender; series++)
        {
            var problems = new List<string>();
            judge(series, found.GetValueOrDefault(series) ?? new Dictionary<long, double>(), problems);
            wrong.AddRange(problems.Select(p => $"sender {sender}, series {series}: {p}"));
        }

        return wrong;
    }

    private int? SeriesOf(JsonElement metric, int sender)
    {
        var labels = metric.EnumerateObject().ToDictionary(static l => l.Name, static l => l.Value.GetString());
        return labels.Count == 3
            && labels.GetValueOrDefault("__name__") == LoadSeries.Metric
            && labels.GetValueOrDefault("sender") == sender.ToString(CultureInfo.InvariantCulture)
            && int.TryParse(labels.GetValueOrDefault("series"), CultureInfo.InvariantCulture, out var series)
            && series >= 0 && series < options.SeriesPerSender
                ? series
                : null;
    }

    private Dictionary<long, double> Steps(JsonElement values, int series, List<string> wrong)
    {
        var interval = (long)options.Interval.TotalMilliseconds;
        var steps = new Dictionary<long, double>();
        foreach (var pair in values.EnumerateArray())
        {
            var time = (long)Math.Round(pair[0].GetDouble() * 1000) - startMilliseconds;
            if (time % interval != 0 || !steps.TryAdd(time / interval, double.Parse(pair[1].GetString()!, CultureInfo.InvariantCulture)))
            {
                wrong.Add($"series {series}: a sample at {time} ms that was never sent, or twice");
            }
        }

        return steps;
    }
}
