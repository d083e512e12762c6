using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Push;

/// <summary>Order of labels that are ranges of a request's text.</summary>
internal static class LabelColumns
{
    /// <summary>Sorts by name. Binary insertion: one pass of comparisons where the labels come sorted, as senders send them.</summary>
    public static void Sort(Span<WriteLabel> labels, ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < labels.Length; i++)
        {
            var label = labels[i];
            if (Compare(labels[i - 1], label, text) <= 0)
            {
                continue;
            }

            int low = 0, high = i - 1;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Compare(labels[middle], label, text) <= 0)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            labels[low..i].CopyTo(labels[(low + 1)..]);
            labels[low] = label;
        }
    }

    /// <summary>Moves labels with empty values behind the others, which keep their order; returns how many others there are.</summary>
    public static int DropEmpty(Span<WriteLabel> labels)
    {
        var kept = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i].ValueLength == 0)
            {
                continue;
            }

            if (i != kept)
            {
                (labels[kept], labels[i]) = (labels[i], labels[kept]);
            }

            kept++;
        }

        return kept;
    }

    private static int Compare(in WriteLabel a, in WriteLabel b, ReadOnlySpan<byte> text) =>
        text.Slice(a.NameOffset, a.NameLength).SequenceCompareTo(text.Slice(b.NameOffset, b.NameLength));
}
