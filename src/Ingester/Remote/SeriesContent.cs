using Deucalion.Common.Contracts.V1;
using Labels = Deucalion.Common.Labels.Labels;

namespace Deucalion.Ingester.Remote;

/// <summary>Label sets.</summary>
internal sealed class SeriesContent : IHeadContent<IReadOnlyList<Labels>>
{
    private const int LabelWidth = 2 * sizeof(int);

    public static readonly SeriesContent Instance = new();

    /// <inheritdoc/>
    public IEnumerable<HeadFrameWriter> Write(IReadOnlyList<Labels> value, HeadFrameWriter frame)
    {
        foreach (var labels in value)
        {
            if (frame.IsFull)
            {
                yield return frame;
            }

            frame.LabelSet(HeadReadFrame.LabelCountsFieldNumber, HeadReadFrame.LabelsFieldNumber, labels);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Labels> Begin() => new List<Labels>();

    /// <inheritdoc/>
    public void Read(in HeadFrame frame, IReadOnlyList<Labels> into)
    {
        var series = (List<Labels>)into;
        var counts = frame.Column(HeadReadFrame.LabelCountsFieldNumber);
        var labels = frame.Column(HeadReadFrame.LabelsFieldNumber);
        var count = counts.Count(sizeof(int), "label_counts");
        labels.Expect(counts.Sum("label_counts"), LabelWidth, "labels");
        var label = 0;
        for (var i = 0; i < count; i++)
        {
            series.Add(frame.LabelSet(labels, ref label, counts.Int32(i)));
        }
    }
}
