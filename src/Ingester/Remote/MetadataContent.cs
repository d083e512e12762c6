using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;

namespace Deucalion.Ingester.Remote;

/// <summary>Metric metadata.</summary>
internal sealed class MetadataContent : IHeadContent<IReadOnlyList<MetricMetadata>>
{
    private const int Width = 4 * sizeof(int);

    public static readonly MetadataContent Instance = new();

    /// <inheritdoc/>
    public IEnumerable<HeadFrameWriter> Write(IReadOnlyList<MetricMetadata> value, HeadFrameWriter frame)
    {
        foreach (var metadata in value)
        {
            if (frame.IsFull)
            {
                yield return frame;
            }

            frame.Symbol(HeadReadFrame.MetadataFieldNumber, metadata.Family);
            frame.Symbol(HeadReadFrame.MetadataFieldNumber, metadata.Type);
            frame.Symbol(HeadReadFrame.MetadataFieldNumber, metadata.Help);
            frame.Symbol(HeadReadFrame.MetadataFieldNumber, metadata.Unit);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<MetricMetadata> Begin() => new List<MetricMetadata>();

    /// <inheritdoc/>
    public void Read(in HeadFrame frame, IReadOnlyList<MetricMetadata> into)
    {
        var entries = (List<MetricMetadata>)into;
        var numbers = frame.Column(HeadReadFrame.MetadataFieldNumber);
        var count = numbers.Count(Width, "metadata");
        for (var i = 0; i < 4 * count; i += 4)
        {
            entries.Add(new MetricMetadata(
                frame.Symbol(numbers.Int32(i)), frame.Symbol(numbers.Int32(i + 1)), frame.Symbol(numbers.Int32(i + 2)), frame.Symbol(numbers.Int32(i + 3))));
        }
    }
}
