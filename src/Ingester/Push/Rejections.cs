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
    private readonly int[] _exemplars = new int[ExemplarRejectReasons.Count];
    private readonly List<string> _examples = [];

    /// <summary>Samples rejected in all, floats and histograms.</summary>
    public int Total { get; private set; }

    /// <summary>Exemplars dropped in all. The message does not name them.</summary>
    public int TotalExemplars { get; private set; }

    /// <summary>The examples.</summary>
    public IReadOnlyList<string> Examples => _examples;

    /// <summary>Whether another example would be kept.</summary>
    public bool WantsExample => _examples.Count < MaxExamples;

    /// <summary>Samples rejected for a reason.</summary>
    public int CountOf(RejectReason reason) => _counts[(int)reason];

    /// <summary>Exemplars dropped for a reason.</summary>
    public int CountOf(ExemplarRejectReason reason) => _exemplars[(int)reason];

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        if (Total + TotalExemplars > 0)
        {
            Total = TotalExemplars = 0;
            Array.Clear(_counts);
            Array.Clear(_exemplars);
            _examples.Clear();
        }
    }

    /// <summary>Counts exemplars.</summary>
    public void AddExemplars(ExemplarRejectReason reason, int count)
    {
        _exemplars[(int)reason] += count;
        TotalExemplars += count;
    }

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
        if (samples > 0 && WantsExample)
        {
            _examples.Add($"{RejectReasons.Name(reason)}: {detail}: series {Describe(batch, series)}");
        }
    }

    /// <summary>Counts the samples of a series that has no labels to name.</summary>
    public void Add(RejectReason reason, int samples, string detail)
    {
        Add(reason, samples);
        if (samples > 0 && WantsExample)
        {
            _examples.Add($"{RejectReasons.Name(reason)}: {detail}");
        }
    }

    /// <summary>Counts a histogram, which the batch does not hold, of a series that it does.</summary>
    public void AddHistogram(RejectReason reason, WriteBatch batch, int series, long time, string detail)
    {
        Add(reason, 1);
        if (WantsExample)
        {
            AddExample(reason, "histogram", time, batch, series, detail);
        }
    }

    /// <summary>Names a sample that has been counted: its index among the batch's floats or histograms.</summary>
    public void AddExample(RejectReason reason, WriteBatch batch, int series, int sample, bool isHistogram, string detail)
    {
        if (WantsExample)
        {
            var (kind, time) = isHistogram ? ("histogram", batch.Histograms[sample].Time) : ("sample", batch.Times[sample]);
            AddExample(reason, kind, time, batch, series, detail);
        }
    }

    /// <summary>Names samples that another node has counted, in its words.</summary>
    public void AddExample(string text)
    {
        if (WantsExample)
        {
            _examples.Add(text);
        }
    }

    /// <summary>Adds what another one counted, and its examples as far as there is room.</summary>
    public void Merge(Rejections other)
    {
        if (other.Total + other.TotalExemplars == 0)
        {
            return;
        }

        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        for (var i = 0; i < _exemplars.Length; i++)
        {
            _exemplars[i] += other._exemplars[i];
        }

        Total += other.Total;
        TotalExemplars += other.TotalExemplars;
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

    private void AddExample(RejectReason reason, string kind, long time, WriteBatch batch, int series, string detail) =>
        _examples.Add(string.Create(CultureInfo.InvariantCulture, $"{RejectReasons.Name(reason)}: {detail}: {kind} at {time} ms of series {Describe(batch, series)}"));

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
