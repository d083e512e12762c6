using Deucalion.Common.Contracts.V1;

namespace Deucalion.Ingester.Remote;

/// <summary>Names, or values, of labels.</summary>
internal sealed class NamesContent : IHeadContent<IReadOnlyCollection<string>>
{
    public static readonly NamesContent Instance = new();

    /// <inheritdoc/>
    public IEnumerable<HeadFrameWriter> Write(IReadOnlyCollection<string> value, HeadFrameWriter frame)
    {
        foreach (var name in value)
        {
            if (frame.IsFull)
            {
                yield return frame;
            }

            frame.Symbol(HeadReadFrame.NamesFieldNumber, name);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Begin() => new List<string>();

    /// <inheritdoc/>
    public void Read(in HeadFrame frame, IReadOnlyCollection<string> into)
    {
        var names = (List<string>)into;
        var numbers = frame.Column(HeadReadFrame.NamesFieldNumber);
        var count = numbers.Count(sizeof(int), "names");
        for (var i = 0; i < count; i++)
        {
            names.Add(frame.Symbol(numbers.Int32(i)));
        }
    }
}
