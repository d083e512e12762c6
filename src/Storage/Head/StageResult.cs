namespace Deucalion.Storage.Head;

/// <summary>Why a head refuses a sample.</summary>
public enum SampleRejection
{
    /// <summary>Older than the newest of its series, and out-of-order samples are off (<c>sample_out_of_order</c>).</summary>
    OutOfOrder = 0,

    /// <summary>Further behind the newest of its series than the out-of-order window (<c>sample_too_old</c>).</summary>
    TooOld = 1,

    /// <summary>Another value for a time that has one (<c>duplicate_timestamp</c>).</summary>
    DuplicateTimestamp = 2,

    /// <summary>Further ahead of the clock than the limit (<c>too_far_in_future</c>).</summary>
    TooFarInFuture = 3,

    /// <summary>Its series would be one too many (<c>series_limit</c>).</summary>
    SeriesLimit = 4,

    /// <summary>A histogram with more buckets than a chunk holds (<c>native_histogram_too_large</c>).</summary>
    HistogramTooLarge = 5,
}

/// <summary>A refused sample: index of the series in the batch, and of the sample among the batch's floats or histograms.</summary>
public readonly record struct RejectedSample(SampleRejection Reason, int Series, int Sample, bool IsHistogram = false);

/// <summary>Why a head does not keep an exemplar.</summary>
public enum ExemplarRejection
{
    /// <summary>Older than the newest of its series (<c>exemplar_out_of_order</c>).</summary>
    OutOfOrder = 0,

    /// <summary>Its series has no samples (<c>exemplar_series_missing</c>).</summary>
    SeriesMissing = 1,

    /// <summary>Further ahead of the clock than the limit (<c>exemplar_too_far_in_future</c>).</summary>
    TooFarInFuture = 2,
}

/// <summary>What staging made of a batch. Belongs to the caller, who reuses it through <see cref="Clear"/>; not thread-safe.</summary>
public sealed class StageResult
{
    /// <summary>Rejected samples that are kept as examples.</summary>
    public const int MaxExamples = 10;

    private const int ReasonCount = (int)SampleRejection.HistogramTooLarge + 1;
    private const int ExemplarReasonCount = (int)ExemplarRejection.TooFarInFuture + 1;

    private readonly int[] _rejected = new int[ReasonCount];
    private readonly int[] _rejectedExemplars = new int[ExemplarReasonCount];
    private readonly List<RejectedSample> _examples = new(MaxExamples);

    /// <summary>Samples written to the log record.</summary>
    public int Staged { get; internal set; }

    /// <summary>Samples that the head or the pending records hold already, bit for bit: fine, and not written again.</summary>
    public int Duplicates { get; internal set; }

    /// <summary>Of <see cref="Staged"/>, those older than the newest of their series.</summary>
    public int OutOfOrder { get; internal set; }

    /// <summary>Series that were not known.</summary>
    public int NewSeries { get; internal set; }

    /// <summary>Exemplars written to the log record; those that the head or the pending records hold already count too.</summary>
    public int Exemplars { get; internal set; }

    /// <summary>Samples refused.</summary>
    public int Rejected { get; private set; }

    /// <summary>How many of the refused samples are histograms.</summary>
    public int RejectedHistograms { get; private set; }

    /// <summary>The first of the refused samples.</summary>
    public IReadOnlyList<RejectedSample> Examples => _examples;

    /// <summary>Samples refused for a reason.</summary>
    public int RejectedFor(SampleRejection reason) => _rejected[(int)reason];

    /// <summary>Exemplars refused for a reason.</summary>
    public int RejectedExemplarsFor(ExemplarRejection reason) => _rejectedExemplars[(int)reason];

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        Staged = Duplicates = OutOfOrder = NewSeries = Exemplars = Rejected = RejectedHistograms = 0;
        Array.Clear(_rejected);
        Array.Clear(_rejectedExemplars);
        _examples.Clear();
    }

    internal void Reject(ExemplarRejection reason) => _rejectedExemplars[(int)reason]++;

    internal void Reject(SampleRejection reason, int series, int sample, bool isHistogram = false)
    {
        Rejected++;
        RejectedHistograms += isHistogram ? 1 : 0;
        _rejected[(int)reason]++;
        if (_examples.Count < MaxExamples)
        {
            _examples.Add(new RejectedSample(reason, series, sample, isHistogram));
        }
    }
}
