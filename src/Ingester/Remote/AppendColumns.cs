using Deucalion.Common.Contracts.V1;

namespace Deucalion.Ingester.Remote;

/// <summary>The columns of an <c>AppendCall</c> that tell of series.</summary>
internal readonly ref struct AppendColumns(ReadOnlySpan<byte> call, ReadOnlySpan<(int Offset, int Length)> ranges)
{
    private const int LabelWidth = 2 * sizeof(int);

    public readonly Column Hashes = Of(call, ranges, AppendCall.HashesFieldNumber);
    public readonly Column LabelCounts = Of(call, ranges, AppendCall.LabelCountsFieldNumber);
    public readonly Column Labels = Of(call, ranges, AppendCall.LabelsFieldNumber);
    public readonly Column SampleCounts = Of(call, ranges, AppendCall.SampleCountsFieldNumber);
    public readonly Column Times = Of(call, ranges, AppendCall.TimesFieldNumber);
    public readonly Column Values = Of(call, ranges, AppendCall.ValuesFieldNumber);
    public readonly Column StartTimes = Of(call, ranges, AppendCall.StartTimesFieldNumber);
    public readonly Column HistogramCounts = Of(call, ranges, AppendCall.HistogramCountsFieldNumber);
    public readonly Column HistogramTimes = Of(call, ranges, AppendCall.HistogramTimesFieldNumber);
    public readonly Column HistogramStartTimes = Of(call, ranges, AppendCall.HistogramStartTimesFieldNumber);
    public readonly Column HistogramLengths = Of(call, ranges, AppendCall.HistogramLengthsFieldNumber);
    public readonly ReadOnlySpan<byte> Histograms = Slice(call, ranges, AppendCall.HistogramsFieldNumber);
    public readonly Column ExemplarCounts = Of(call, ranges, AppendCall.ExemplarCountsFieldNumber);
    public readonly Column ExemplarTimes = Of(call, ranges, AppendCall.ExemplarTimesFieldNumber);
    public readonly Column ExemplarValues = Of(call, ranges, AppendCall.ExemplarValuesFieldNumber);
    public readonly Column ExemplarLabelCounts = Of(call, ranges, AppendCall.ExemplarLabelCountsFieldNumber);
    public readonly Column ExemplarLabels = Of(call, ranges, AppendCall.ExemplarLabelsFieldNumber);

    /// <summary>Checks that the columns agree with each other; returns the number of series.</summary>
    /// <exception cref="RemoteFormatException">They do not.</exception>
    public int Check()
    {
        var series = Hashes.Count(sizeof(ulong), "hashes");
        LabelCounts.Expect(series, sizeof(int), "label_counts", optional: true);
        SampleCounts.Expect(series, sizeof(int), "sample_counts", optional: true);
        HistogramCounts.Expect(series, sizeof(int), "histogram_counts", optional: true);
        ExemplarCounts.Expect(series, sizeof(int), "exemplar_counts", optional: true);
        Labels.Expect(LabelCounts.Sum("label_counts"), LabelWidth, "labels");
        var samples = SampleCounts.Sum("sample_counts");
        Times.Expect(samples, sizeof(long), "times");
        Values.Expect(samples, sizeof(double), "values");
        StartTimes.Expect(samples, sizeof(long), "start_times", optional: true);
        var histograms = HistogramCounts.Sum("histogram_counts");
        HistogramTimes.Expect(histograms, sizeof(long), "histogram_times");
        HistogramStartTimes.Expect(histograms, sizeof(long), "histogram_start_times", optional: true);
        HistogramLengths.Expect(histograms, sizeof(int), "histogram_lengths");
        if (HistogramLengths.Sum("histogram_lengths") != Histograms.Length)
        {
            throw new RemoteFormatException($"histograms of another length than their {Histograms.Length} bytes");
        }

        var exemplars = ExemplarCounts.Sum("exemplar_counts");
        ExemplarTimes.Expect(exemplars, sizeof(long), "exemplar_times");
        ExemplarValues.Expect(exemplars, sizeof(double), "exemplar_values");
        ExemplarLabelCounts.Expect(exemplars, sizeof(int), "exemplar_label_counts");
        ExemplarLabels.Expect(ExemplarLabelCounts.Sum("exemplar_label_counts"), LabelWidth, "exemplar_labels");
        return series;
    }

    private static Column Of(ReadOnlySpan<byte> call, ReadOnlySpan<(int Offset, int Length)> ranges, int field) => new(Slice(call, ranges, field));

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> call, ReadOnlySpan<(int Offset, int Length)> ranges, int field) =>
        call.Slice(ranges[field].Offset, ranges[field].Length);
}
