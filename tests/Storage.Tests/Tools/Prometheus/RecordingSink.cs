using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Tests.Head;
using Deucalion.Storage.Tools.Prometheus;

namespace Deucalion.Storage.Tests.Tools.Prometheus;

/// <summary>Keeps what records say as lines.</summary>
internal sealed class RecordingSink : IWalSink
{
    public List<string> Lines { get; } = [];

    public void Series(ulong reference, Labels labels) => Add($"series {reference} {labels}");

    public void Float(ulong reference, long time, long startTime, double value) => Add($"float {reference} {time} {startTime} {value}");

    public void Histogram(ulong reference, long time, long startTime, FloatHistogram histogram) =>
        Add($"histogram {reference} {time} {startTime} {HeadSample.KeyOf(histogram)} hint {histogram.CounterResetHint}");

    public void Deleted(ulong reference, long minTime, long maxTime) => Add($"deleted {reference} {minTime} {maxTime}");

    public void Skipped(WalSkip kind) => Add($"skipped {kind}");

    private void Add(FormattableString line) => Lines.Add(line.ToString(CultureInfo.InvariantCulture));
}
