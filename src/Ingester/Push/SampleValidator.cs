using System.Text;
using System.Text.Unicode;
using Deucalion.Common.Contracts;
using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Checks the labels of the series of a tenant's batch, brings them into order and drops empty ones. Made for one batch, whose limits are those of its
/// beginning.
/// </summary>
internal sealed class SampleValidator(TenantId tenant, TenantLimits limits)
{
    private const int LongestStretch = 4 * 1024;

    private static ReadOnlySpan<byte> MetricName => "__name__"u8;

    /// <summary>
    /// Sorts the series' labels in place, drops those with empty values (they mean "absent") and checks them. A series that may not be
    /// stored is counted in <paramref name="rejections"/> with its samples and exemplars.
    /// </summary>
    public bool TryAccept(WriteBatch batch, int series, Rejections rejections)
    {
        var entry = batch.Series[series];
        if (entry.LabelCount > limits.MaxLabelsPerSeries)
        {
            var detail = LimitText.Exceeded(tenant, limits, LimitName.MaxLabelsPerSeries, $"{LimitText.Number(entry.LabelCount)} labels exceed");
            return Reject(RejectReason.TooManyLabels, detail, batch, series, rejections);
        }

        var text = batch.Text;
        var labels = batch.Labels.Slice(entry.FirstLabel, entry.LabelCount);
        var ascii = IsAscii(labels, text);
        LabelColumns.Sort(labels, text);
        var named = false;
        var empty = false;
        for (var i = 0; i < labels.Length; i++)
        {
            ref readonly var label = ref labels[i];
            var name = text.Slice(label.NameOffset, label.NameLength);
            var value = text.Slice(label.ValueOffset, label.ValueLength);
            if (name.IsEmpty || (!ascii && !Utf8.IsValid(name)))
            {
                var detail = name.IsEmpty ? "label name is empty" : "label name is not valid UTF-8";
                return Reject(RejectReason.InvalidLabelName, detail, batch, series, rejections);
            }

            if (name.Length > limits.MaxLabelNameLength)
            {
                var detail = TooLong("label name", name.Length, LimitName.MaxLabelNameLength);
                return Reject(RejectReason.LabelNameTooLong, detail, batch, series, rejections);
            }

            if (value.Length > limits.MaxLabelValueLength)
            {
                var detail = TooLong("label value", value.Length, LimitName.MaxLabelValueLength);
                return Reject(RejectReason.LabelValueTooLong, detail, batch, series, rejections);
            }

            if (!ascii && !Utf8.IsValid(value))
            {
                return Reject(RejectReason.InvalidLabelValue, "label value is not valid UTF-8", batch, series, rejections);
            }

            if (i > 0 && name.SequenceEqual(text.Slice(labels[i - 1].NameOffset, labels[i - 1].NameLength)))
            {
                return Reject(RejectReason.DuplicateLabelNames, "label name occurs twice", batch, series, rejections);
            }

            named |= !value.IsEmpty && name.SequenceEqual(MetricName);
            empty |= value.IsEmpty;
        }

        if (empty)
        {
            batch.TruncateLabels(series, LabelColumns.DropEmpty(labels));
        }

        return named || Reject(RejectReason.MissingMetricName, "series has no metric name", batch, series, rejections);
    }

    /// <summary>
    /// Whether all text of the labels is ASCII, found with one look at the stretch of the request in which they lie: nearly always so, and much
    /// cheaper than a look at each name and value. What lies between them (field tags and short lengths) is ASCII too.
    /// </summary>
    private static bool IsAscii(ReadOnlySpan<WriteLabel> labels, ReadOnlySpan<byte> text)
    {
        int start = int.MaxValue, end = 0;
        foreach (ref readonly var label in labels)
        {
            start = Math.Min(start, Math.Min(label.NameOffset, label.ValueOffset));
            end = Math.Max(end, Math.Max(label.NameOffset + label.NameLength, label.ValueOffset + label.ValueLength));
        }

        // Text that is strewn over the request, as symbols are, is looked at piece by piece.
        return start < end && end - start < LongestStretch && Ascii.IsValid(text[start..end]);
    }

    private string TooLong(string what, int length, LimitName limit) =>
        LimitText.Exceeded(tenant, limits, limit, $"a {what} of {LimitText.Number(length)} bytes exceeds");

    private static bool Reject(RejectReason reason, string detail, WriteBatch batch, int series, Rejections rejections)
    {
        var entry = batch.Series[series];
        rejections.Add(reason, entry.SampleCount + entry.HistogramCount, batch, series, detail);
        rejections.AddExemplars(ExemplarRejectReason.SeriesInvalid, entry.ExemplarCount);
        return false;
    }
}
