using System.Globalization;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;

namespace Deucalion.Ingester.Push;

/// <summary>
/// What of a request was rejected: a count for each reason and at most ten examples in words. Filled by one thread at a time; costs nothing
/// until something is rejected.
/// </summary>
internal sealed class Rejections
{
    /// <summary>Examples that a message names at most.</summary>
    public const int MaxExamples = 10;

    private const int MaxExampleLength = 1024;
    private readonly int[] _counts = new int[RejectReasons.Count];
    private readonly List<string> _examples = [];

    /// <summary>Samples (or histograms, exemplars) rejected in all.</summary>
    public int Total { get; private set; }

    /// <summary>Whether another example would be kept.</summary>
    public bool WantsExample => _examples.Count < MaxExamples;

    /// <summary>Samples rejected for a reason.</summary>
    public int CountOf(RejectReason reason) => _counts[(int)reason];

    /// <summary>Counts samples without an example.</summary>
    public void Add(RejectReason reason, int samples)
    {
        _counts[(int)reason] += samples;
        Total += samples;
    }

    /// <summary>Counts the samples of a series, with the series and <paramref name="detail"/> as an example.</summary>
    public void Add(RejectReason reason, int samples, WriteBatch batch, int series, string detail)
    {
        Add(reason, samples);
        if (WantsExample)
        {
            _examples.Add($"{RejectReasons.Name(reason)}: {detail}: series {Describe(batch, series)}");
        }
    }

    /// <summary>Names a sample that has been counted.</summary>
    public void AddExample(RejectReason reason, WriteBatch batch, int series, int sample, string detail)
    {
        if (WantsExample)
        {
            var time = batch.Times[sample].ToString(CultureInfo.InvariantCulture);
            _examples.Add($"{RejectReasons.Name(reason)}: {detail}: sample at {time} ms of series {Describe(batch, series)}");
        }
    }

    /// <summary>Adds what another one counted, and its examples as far as there is room.</summary>
    public void Merge(Rejections other)
    {
        if (other.Total == 0)
        {
            return;
        }

        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Total += other.Total;
        _examples.AddRange(other._examples.Take(MaxExamples - _examples.Count));
    }

    /// <summary>The message: counts by reason, then the examples; empty where nothing was rejected.</summary>
    public string Message()
    {
        if (Total == 0)
        {
            return string.Empty;
        }

        var text = new StringBuilder("rejected ").Append(CultureInfo.InvariantCulture, $"{Total} invalid samples (");
        var separator = string.Empty;
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] > 0)
            {
                text.Append(separator).Append(CultureInfo.InvariantCulture, $"{RejectReasons.Name((RejectReason)i)}: {_counts[i]}");
                separator = ", ";
            }
        }

        text.Append(')');
        foreach (var example in _examples)
        {
            text.Append('\n').Append(example);
        }

        return text.ToString();
    }

    /// <summary>The labels of a series as text, as they were sent; long ones are cut.</summary>
    private static string Describe(WriteBatch batch, int series)
    {
        var entry = batch.Series[series];
        var text = new StringBuilder("{");
        foreach (var label in batch.Labels.Slice(entry.FirstLabel, entry.LabelCount))
        {
            if (text.Length > MaxExampleLength)
            {
                return text.Append(", ...}").ToString();
            }

            text.Append(text.Length > 1 ? ", " : string.Empty);
            LabelText.AppendName(text, Decode(batch.Text.Slice(label.NameOffset, label.NameLength)));
            text.Append('=');
            LabelText.AppendQuoted(text, Decode(batch.Text.Slice(label.ValueOffset, label.ValueLength)));
        }

        return text.Append('}').ToString();
    }

    private static string Decode(ReadOnlySpan<byte> bytes) =>
        bytes.Length > MaxExampleLength ? Encoding.UTF8.GetString(bytes[..MaxExampleLength]) + "..." : Encoding.UTF8.GetString(bytes);
}
