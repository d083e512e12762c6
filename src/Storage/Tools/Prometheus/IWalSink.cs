using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>Takes what the records of a log of Prometheus say, in their order.</summary>
internal interface IWalSink
{
    /// <summary>From here on the number stands for the series.</summary>
    void Series(ulong reference, Labels labels);

    /// <summary>A float; start time 0 is none.</summary>
    void Float(ulong reference, long time, long startTime, double value);

    /// <summary>A histogram, the sink's to keep; start time 0 is none.</summary>
    void Histogram(ulong reference, long time, long startTime, FloatHistogram histogram);

    /// <summary>A deletion of a range, both ends included.</summary>
    void Deleted(ulong reference, long minTime, long maxTime);

    /// <summary>Something that is not kept.</summary>
    void Skipped(WalSkip kind);
}
