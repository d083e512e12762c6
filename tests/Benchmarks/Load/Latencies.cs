namespace Deucalion.Benchmarks.Load;

/// <summary>Times of pushes and of queries, milliseconds.</summary>
internal sealed class Latencies
{
    private readonly List<double> _pushes = [];
    private readonly List<double> _queries = [];

    /// <summary>How many of each.</summary>
    public int Count => _pushes.Count;

    public void Add(TimeSpan push, TimeSpan query)
    {
        _pushes.Add(push.TotalMilliseconds);
        _queries.Add(query.TotalMilliseconds);
    }

    public void Add(Latencies more)
    {
        _pushes.AddRange(more._pushes);
        _queries.AddRange(more._queries);
    }

    public double Pushes(double quantile) => Of(_pushes, quantile);

    public double Queries(double quantile) => Of(_queries, quantile);

    private static double Of(List<double> times, double quantile)
    {
        times.Sort();
        return times[(int)Math.Ceiling(times.Count * quantile) - 1];
    }
}
