using System.Globalization;
using System.Text;
using Deucalion.Cluster.Load;

namespace Deucalion.Cluster.Proof;

/// <summary>Everything the fake cluster was given, and how it answers, rightly or not. Thread-safe.</summary>
internal sealed class FakeSamples
{
    // More than can be under way, so that what is left out was acknowledged.
    private const int StaleSteps = 30;

    private readonly Lock _lock = new();
    private readonly Dictionary<(int Sender, int Series), SortedList<long, double>> _series = [];

    public void Add(IEnumerable<(int Sender, int Series, long Time, double Value)> samples)
    {
        lock (_lock)
        {
            foreach (var (sender, series, time, value) in samples)
            {
                if (!_series.TryGetValue((sender, series), out var list))
                {
                    _series[(sender, series)] = list = [];
                }

                list[time] = value;
            }
        }
    }

    /// <summary>Number of samples of a sender.</summary>
    public long CountOf(int sender)
    {
        lock (_lock)
        {
            return _series.Where(s => s.Key.Sender == sender).Sum(static s => (long)s.Value.Count);
        }
    }

    /// <summary>Drops the newest samples of the first series.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            var list = _series[(0, 0)];
            for (var i = 0; i < 3; i++)
            {
                list.RemoveAt(list.Count - 1);
            }
        }
    }

    /// <summary>Answers a selector of one sender, with a range of milliseconds that ends at a time.</summary>
    public string Matrix(int sender, long end, long range, Misbehaviour misbehaviour) =>
        Answer(sender, misbehaviour, (_, list) => Wrong(list.Where(s => s.Key > end - range && s.Key <= end), misbehaviour));

    /// <summary>Answers a range query over one sender.</summary>
    public string Range(int sender, long start, long end, long step, Misbehaviour misbehaviour) => Answer(sender, misbehaviour, (_, list) =>
    {
        var samples = Wrong(list, misbehaviour).ToList();
        var points = new List<KeyValuePair<long, double>>();
        for (var time = start; time <= end; time += step)
        {
            if (samples.LastOrDefault(s => s.Key <= time) is { Key: > 0 } newest)
            {
                points.Add(new(time, newest.Value));
            }
        }

        return points;
    });

    private static IEnumerable<KeyValuePair<long, double>> Wrong(IEnumerable<KeyValuePair<long, double>> samples, Misbehaviour misbehaviour) => misbehaviour switch
    {
        Misbehaviour.ChangesValue => samples.Select(static (s, i) => i == 0 ? new KeyValuePair<long, double>(s.Key, s.Value + 1) : s),
        Misbehaviour.InventsSample => samples.Select(static (s, i) => i == 0 ? new KeyValuePair<long, double>(s.Key + 1, s.Value * 3) : s),
        _ => samples,
    };

    private static SortedList<long, double> Earlier(SortedList<long, double> samples) => new(samples.Take(samples.Count - StaleSteps).ToDictionary());

    private string Answer(int sender, Misbehaviour misbehaviour, Func<int, SortedList<long, double>, IEnumerable<KeyValuePair<long, double>>> read)
    {
        var text = new StringBuilder("""{"status":"success","data":{"resultType":"matrix","result":[""");
        lock (_lock)
        {
            var series = _series.Where(s => s.Key.Sender == sender && misbehaviour != Misbehaviour.LeavesOut).Select(s => (s.Key.Series, Points: read(s.Key.Series, misbehaviour == Misbehaviour.AnswersStale ? Earlier(s.Value) : s.Value).ToList())).ToList();
            if (misbehaviour == Misbehaviour.InventsSeries && series.Count > 0)
            {
                series.Add((1000, series[0].Points));
            }

            text.AppendJoin(',', series.Where(static s => s.Points.Count > 0).Select(s => Series(sender, s.Series, s.Points)));
        }

        return text.Append("]}}").ToString();
    }

    private static string Series(int sender, int series, IEnumerable<KeyValuePair<long, double>> points)
    {
        var labels = string.Join(',', LoadSeries.LabelsOf(sender, series).Select(static l => $"\"{l.Name}\":\"{l.Value}\""));
        var values = string.Join(',', points.Select(static p => string.Create(CultureInfo.InvariantCulture, $"[{p.Key / 1000.0:R},\"{p.Value:R}\"]")));
        return $"{{\"metric\":{{{labels}}},\"values\":[{values}]}}";
    }
}
