using System.Runtime.InteropServices;
using System.Text.Unicode;
using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Push;

/// <summary>An exemplar while it is decoded. Reused; not thread-safe.</summary>
internal sealed class ExemplarDraft
{
    // OpenMetrics: the names and values of an exemplar's labels together.
    private const int MaxCodePoints = 128;

    private readonly List<WriteLabel> _labels = [];

    public double Value { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long Time { get; set; }

    /// <summary>Set where its labels refer to something that is not there.</summary>
    public bool IsBroken { get; set; }

    public void Clear()
    {
        _labels.Clear();
        (Value, Time, IsBroken) = (0, 0, false);
    }

    public void AddLabel(WriteLabel label) => _labels.Add(label);

    /// <summary>Adds it to the series begun last, its labels sorted and those without value dropped, or counts why it may not be stored.</summary>
    public void AddTo(WriteBatch batch, Rejections rejections)
    {
        var labels = CollectionsMarshal.AsSpan(_labels);
        labels = labels[..LabelColumns.DropEmpty(labels)];
        LabelColumns.Sort(labels, batch.Text);
        if ((IsBroken ? ExemplarRejectReason.InvalidLabels : Check(labels, batch.Text)) is { } reason)
        {
            rejections.AddExemplars(reason, 1);
            return;
        }

        batch.AddExemplar(Time, Value);
        foreach (var label in labels)
        {
            batch.AddExemplarLabel(label);
        }
    }

    private static ExemplarRejectReason? Check(ReadOnlySpan<WriteLabel> labels, ReadOnlySpan<byte> text)
    {
        var codePoints = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            ref readonly var label = ref labels[i];
            var name = text.Slice(label.NameOffset, label.NameLength);
            var value = text.Slice(label.ValueOffset, label.ValueLength);
            if (name.IsEmpty || !Utf8.IsValid(name) || !Utf8.IsValid(value)
                || (i > 0 && name.SequenceEqual(text.Slice(labels[i - 1].NameOffset, labels[i - 1].NameLength))))
            {
                return ExemplarRejectReason.InvalidLabels;
            }

            codePoints += CodePoints(name) + CodePoints(value);
        }

        return codePoints > MaxCodePoints ? ExemplarRejectReason.LabelsTooLong : null;
    }

    // Every code point has one byte that does not continue another.
    private static int CodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var b in text)
        {
            count += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}
