using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Info;

/// <summary>The info series by their identifying labels and name, and which one of each is in force at a step.</summary>
internal sealed class InfoSeries : IDisposable
{
    private static readonly LabelSelection Identifying = LabelSelection.Only(["instance", "job"]);

    private readonly LabelGrouping _identities = new(Identifying);
    private readonly List<List<List<int>>> _byName = [];
    private readonly VectorOperator _series;
    private readonly MaterializedSeries _times;

    /// <param name="series">The info series.</param>
    /// <param name="times">The times of their samples, in seconds.</param>
    /// <param name="context">The running query.</param>
    public InfoSeries(VectorOperator series, MaterializedSeries times, QueryContext context)
    {
        _series = series;
        _times = times;
        var names = new Dictionary<(int Identity, string Name), List<int>>();
        for (var i = 0; i < series.Count; i++)
        {
            context.CheckEvery1024(i);
            var labels = series.RawLabelsAt(i);
            var identity = _identities.IdOf(labels, hideMetadata: false);
            if (identity == _byName.Count)
            {
                _byName.Add([]);
            }

            var key = (identity, labels.Get(Labels.MetricName));
            if (!names.TryGetValue(key, out var members))
            {
                names[key] = members = [];
                _byName[identity].Add(members);
            }

            members.Add(i);
        }
    }

    /// <summary>Gives memory back: it is not asked any more.</summary>
    public void Dispose() => _identities.Dispose();

    /// <summary>The info metrics about a series, each with its candidates; null where there is none.</summary>
    public List<List<int>>? About(Labels labels)
    {
        if (!labels.Has("instance") && !labels.Has("job"))
        {
            return null;
        }

        var identity = _identities.Find(labels, hideMetadata: false);
        return identity < 0 ? null : _byName[identity];
    }

    public Labels LabelsAt(int index) => _series.RawLabelsAt(index).Whole;

    /// <summary>The candidate with the newest sample, or -1.</summary>
    public int InForce(List<int> candidates, int step)
    {
        var best = -1;
        foreach (var i in candidates)
        {
            if (_times[i]?.HasFloat(step) != true)
            {
                continue;
            }

            var time = _times[i]!.Values[step];
            if (best >= 0 && time == _times[best]!.Values[step])
            {
                var at = GoFloat.FormatFixed(time * 1000);
                throw QueryException.Execution(
                    $"found duplicate series for info metric: existing {LabelsAt(best)} @ {at}, new {LabelsAt(i)} @ {at}");
            }

            best = best < 0 || time > _times[best]!.Values[step] ? i : best;
        }

        return best;
    }
}
