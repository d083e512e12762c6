using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.Ruler.Evaluation;

/// <summary>Where the results of rules go. Used by one thread at a time.</summary>
public interface IRuleSink
{
    /// <summary>Takes a sample; the time is Unix milliseconds. A sample that cannot be stored does not fail the rule.</summary>
    void Add(Labels labels, long time, double value, FloatHistogram? histogram);

    /// <summary>Completes when what was added can be queried.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
