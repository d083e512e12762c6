using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>All strings of the labels of a head, numbered in order of their bytes.</summary>
internal sealed class HeadSymbols
{
    private readonly Dictionary<string, uint> _numbers;

    public HeadSymbols(HeadSeries[] series)
    {
        var strings = new HashSet<string> { string.Empty };
        foreach (var one in series)
        {
            foreach (var text in one.Labels.Pairs)
            {
                strings.Add(text);
            }
        }

        var sorted = strings.ToArray();
        Array.Sort(sorted, Utf8Order.Compare);
        _numbers = new Dictionary<string, uint>(sorted.Length);
        var bytes = new ReadOnlyMemory<byte>[sorted.Length];
        for (var i = 0; i < sorted.Length; i++)
        {
            _numbers.Add(sorted[i], (uint)i);
            bytes[i] = Encoding.UTF8.GetBytes(sorted[i]);
        }

        Bytes = bytes;
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> Bytes { get; }

    public uint Number(string text) => _numbers[text];
}
