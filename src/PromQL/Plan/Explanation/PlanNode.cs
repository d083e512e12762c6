namespace Deucalion.PromQL.Plan.Explanation;

/// <summary>One operator of the plan that ran, with what it cost. Complete once the query has ended.</summary>
public sealed class PlanNode
{
    private readonly List<PlanNode> _children = [];
    private long _series;
    private long _samples;
    private long _peakBytes;
    private long _openTicks;
    private long _evaluationTicks;

    internal PlanNode(string text)
    {
        Text = text;
    }

    /// <summary>What it does, such as <c>aggregate sum by (job)</c>.</summary>
    public string Text { get; }

    /// <summary>What it takes its input from.</summary>
    public IReadOnlyList<PlanNode> Children => _children;

    /// <summary>Number of the read from the source that a selector uses, from 1; 0 for other operators and before opening.</summary>
    public int Read { get; private set; }

    /// <summary>Number of the part that it computes or stands for, where that stands in the query several times; else 0.</summary>
    public int Part { get; private set; }

    /// <summary>Whether it stands for a part that is computed at another place.</summary>
    public bool PartIsElsewhere { get; private set; }

    /// <summary>Whether an earlier selector had made that read.</summary>
    public bool ReadIsShared { get; private set; }

    /// <summary>Series that it yields.</summary>
    public long Series => Interlocked.Read(ref _series);

    /// <summary>For selectors the samples read from the source, for all others the points yielded; measured on demand only.</summary>
    public long Samples => Interlocked.Read(ref _samples);

    /// <summary>Most memory that it and its inputs held at a time, bytes; measured on demand only.</summary>
    public long PeakBytes => Interlocked.Read(ref _peakBytes);

    /// <summary>Time for finding its series and, where it needs all of its input at once, for evaluating that; measured on demand only.</summary>
    public TimeSpan OpenTime => new(Interlocked.Read(ref _openTicks));

    /// <summary>Time for computing its series, inputs included, all threads added; measured on demand only.</summary>
    public TimeSpan EvaluationTime => new(Interlocked.Read(ref _evaluationTicks));

    internal void Computes(int part) => Part = part;

    internal void RefersTo(int part)
    {
        Part = part;
        PartIsElsewhere = true;
    }

    internal void Add(PlanNode child) => _children.Add(child);

    internal void ReadFrom(int number, bool shared, int series)
    {
        Read = number;
        ReadIsShared = shared;
        Interlocked.Exchange(ref _series, series);
    }

    internal void Opened(int series, TimeSpan time, long peakBytes)
    {
        Interlocked.Exchange(ref _series, series);
        Interlocked.Add(ref _openTicks, time.Ticks);
        RaisePeak(peakBytes);
    }

    internal void Evaluated(TimeSpan time, long samples)
    {
        Interlocked.Add(ref _evaluationTicks, time.Ticks);
        Interlocked.Add(ref _samples, samples);
    }

    internal void RaisePeak(long bytes)
    {
        var peak = Interlocked.Read(ref _peakBytes);
        while (bytes > peak)
        {
            var seen = Interlocked.CompareExchange(ref _peakBytes, bytes, peak);
            if (seen == peak)
            {
                return;
            }

            peak = seen;
        }
    }
}
