using System.Text;
using Deucalion.Common.Contracts;

namespace Deucalion.Benchmarks.Stored;

/// <summary>The labels of up to 2,000 series laid out once, to be filled into a write batch again and again.</summary>
internal sealed class BatchSeries
{
    public const int Size = 2000;

    private readonly byte[] _text;
    private readonly WriteLabel[] _labels;
    private readonly int[] _ends;

    public BatchSeries(IEnumerable<(string Name, string Value)[]> series)
    {
        var text = new List<byte>();
        var labels = new List<WriteLabel>();
        var ends = new List<int>();
        foreach (var pairs in series)
        {
            foreach (var (name, value) in pairs)
            {
                var n = Encoding.UTF8.GetBytes(name);
                var v = Encoding.UTF8.GetBytes(value);
                labels.Add(new WriteLabel(text.Count, n.Length, text.Count + n.Length, v.Length));
                text.AddRange(n);
                text.AddRange(v);
            }

            ends.Add(labels.Count);
        }

        (_text, _labels, _ends) = ([.. text], [.. labels], [.. ends]);
        Indexes = [.. Enumerable.Range(0, _ends.Length)];
        Hashes = new ulong[_ends.Length];
        using var batch = new WriteBatch();
        Fill(batch, 0, static _ => 0);
        for (var i = 0; i < _ends.Length; i++)
        {
            Hashes[i] = Common.Hashing.RoutingHash.Of(batch.Labels.Slice(batch.Series[i].FirstLabel, batch.Series[i].LabelCount), batch.Text);
        }
    }

    public int[] Indexes { get; }

    public ulong[] Hashes { get; }

    public int Count => _ends.Length;

    /// <summary>One sample of each series.</summary>
    public void Fill(WriteBatch batch, long time, Func<int, double> value)
    {
        batch.Reset(_text, _text.Length);
        var label = 0;
        for (var i = 0; i < _ends.Length; i++)
        {
            batch.BeginSeries();
            for (; label < _ends[i]; label++)
            {
                batch.AddLabel(_labels[label]);
            }

            batch.AddSample(time, value(i));
        }
    }
}
