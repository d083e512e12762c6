using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;

namespace Deucalion.Ingester.Remote;

/// <summary>Exemplars by series. Those of one series go into one frame: a head keeps few of them.</summary>
internal sealed class ExemplarsContent : IHeadContent<IReadOnlyList<SeriesExemplars>>
{
    private const int LabelWidth = 2 * sizeof(int);

    public static readonly ExemplarsContent Instance = new();

    /// <inheritdoc/>
    public IEnumerable<HeadFrameWriter> Write(IReadOnlyList<SeriesExemplars> value, HeadFrameWriter frame)
    {
        foreach (var (series, exemplars) in value)
        {
            if (frame.IsFull)
            {
                yield return frame;
            }

            frame.LabelSet(HeadReadFrame.LabelCountsFieldNumber, HeadReadFrame.LabelsFieldNumber, series);
            frame.Int32(HeadReadFrame.ExemplarCountsFieldNumber, exemplars.Count);
            foreach (var exemplar in exemplars)
            {
                frame.Int64(HeadReadFrame.ExemplarTimesFieldNumber, exemplar.Time);
                frame.Double(HeadReadFrame.ExemplarValuesFieldNumber, exemplar.Value);
                frame.LabelSet(HeadReadFrame.ExemplarLabelCountsFieldNumber, HeadReadFrame.ExemplarLabelsFieldNumber, exemplar.Labels);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<SeriesExemplars> Begin() => new List<SeriesExemplars>();

    /// <inheritdoc/>
    public void Read(in HeadFrame frame, IReadOnlyList<SeriesExemplars> into)
    {
        var entries = (List<SeriesExemplars>)into;
        var labelCounts = frame.Column(HeadReadFrame.LabelCountsFieldNumber);
        var labels = frame.Column(HeadReadFrame.LabelsFieldNumber);
        var counts = frame.Column(HeadReadFrame.ExemplarCountsFieldNumber);
        var times = frame.Column(HeadReadFrame.ExemplarTimesFieldNumber);
        var values = frame.Column(HeadReadFrame.ExemplarValuesFieldNumber);
        var ownCounts = frame.Column(HeadReadFrame.ExemplarLabelCountsFieldNumber);
        var ownLabels = frame.Column(HeadReadFrame.ExemplarLabelsFieldNumber);
        var series = labelCounts.Count(sizeof(int), "label_counts");
        labels.Expect(labelCounts.Sum("label_counts"), LabelWidth, "labels");
        counts.Expect(series, sizeof(int), "exemplar_counts");
        var total = counts.Sum("exemplar_counts");
        times.Expect(total, sizeof(long), "exemplar_times");
        values.Expect(total, sizeof(double), "exemplar_values");
        ownCounts.Expect(total, sizeof(int), "exemplar_label_counts");
        ownLabels.Expect(ownCounts.Sum("exemplar_label_counts"), LabelWidth, "exemplar_labels");
        int label = 0, ownLabel = 0, at = 0;
        for (var i = 0; i < series; i++)
        {
            var name = frame.LabelSet(labels, ref label, labelCounts.Int32(i));
            var exemplars = new Exemplar[counts.Int32(i)];
            foreach (ref var exemplar in exemplars.AsSpan())
            {
                exemplar = new Exemplar(frame.LabelSet(ownLabels, ref ownLabel, ownCounts.Int32(at)), values.Double(at), times.Int64(at));
                at++;
            }

            entries.Add(new SeriesExemplars(name, exemplars));
        }
    }
}
