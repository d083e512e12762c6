using System.Text;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Storage.Index;

namespace Deucalion.Storage.Blocks;

/// <summary>
/// Compares the postings of an index with its series: each list in order, of series that exist, exactly those that have the label. A sum of hashes stands
/// for the series of a pair.
/// </summary>
internal sealed class PostingsVerifier(IndexReader index, SeriesIdSet series, Action<BlockProblemKind, string> report)
{
    private readonly Dictionary<ulong, ulong> _sums = [];

    /// <summary>Adds a series that was found, with its labels.</summary>
    public void Add(uint id, Labels labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            var pair = PairHash(labels.NameAt(i), Encoding.UTF8.GetBytes(labels.ValueAt(i)));
            _sums[pair] = _sums.GetValueOrDefault(pair) + Hash(pair, id);
        }
    }

    /// <summary>Checks all lists.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        await CheckAllAsync(cancellationToken);
        string? previous = null;
        foreach (var name in index.Postings.Names)
        {
            if (previous is not null && Utf8Order.Compare(previous, name) >= 0)
            {
                report(BlockProblemKind.Order, $"postings of label {name} do not come behind those of {previous}");
            }

            previous = name;
            byte[]? before = null;
            foreach (var (value, range) in All(name))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (before is not null && before.AsSpan().SequenceCompareTo(value) >= 0)
                {
                    report(BlockProblemKind.Order, $"postings of {name}=\"{Encoding.UTF8.GetString(value)}\" do not come behind those of a smaller value");
                }

                before = value;
                var pair = PairHash(name, value);
                var list = await index.ReadListAsync(range, cancellationToken);
                _sums.Remove(pair, out var expected);
                CheckPair($"{name}=\"{Encoding.UTF8.GetString(value)}\"", pair, list, expected);
            }
        }

        if (_sums.Count > 0)
        {
            report(BlockProblemKind.Postings, $"{_sums.Count} pairs of label and value that series have are without postings");
        }
    }

    private async ValueTask CheckAllAsync(CancellationToken cancellationToken)
    {
        if (!index.Postings.TryFind(string.Empty, string.Empty, out var range))
        {
            report(BlockProblemKind.Postings, "there is no list of all series");
            return;
        }

        var list = await index.ReadListAsync(range, cancellationToken);
        if (CheckList("all series", list) && !series.Ids.SequenceEqual(list))
        {
            report(BlockProblemKind.Postings, $"the list of all series has {list.Length} series, there are {series.Count}");
        }
    }

    private void CheckPair(string pair, ulong hash, uint[] list, ulong expected)
    {
        if (!CheckList(pair, list))
        {
            return;
        }

        var sum = 0UL;
        foreach (var id in list)
        {
            sum += Hash(hash, id);
        }

        if (sum != expected)
        {
            report(BlockProblemKind.Postings, $"postings of {pair} are not exactly the series that have it");
        }
    }

    private bool CheckList(string what, uint[] list)
    {
        for (var i = 0; i < list.Length; i++)
        {
            if (i > 0 && list[i] <= list[i - 1])
            {
                report(BlockProblemKind.Order, $"postings of {what} are not in order");
                return false;
            }

            if (series.Ids.BinarySearch(list[i]) < 0)
            {
                report(BlockProblemKind.Postings, $"postings of {what} name series {list[i]}, which does not exist");
                return false;
            }
        }

        return true;
    }

    private List<(byte[] Value, PostingsRange Range)> All(string name)
    {
        var result = new List<(byte[], PostingsRange)>();
        var values = index.Postings.Values(name);
        while (values.MoveNext())
        {
            result.Add((values.Value.ToArray(), values.Range));
        }

        return result;
    }

    private static ulong PairHash(string name, ReadOnlySpan<byte> value) =>
        Hash(XxHash64.Compute(Encoding.UTF8.GetBytes(name)), 0) ^ XxHash64.Compute(value);

    // The finalizer of a 64-bit mixer: every bit of both goes into every bit of the result.
    private static ulong Hash(ulong pair, uint id)
    {
        var x = pair + (id * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
