using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;

namespace Deucalion.Querier.Sources;

/// <summary>Compares label sets by content, with a hash that is faster than that of strings: an answer may hold hundreds of thousands of sets.</summary>
internal sealed class LabelsComparer : IEqualityComparer<Labels>
{
    public static readonly LabelsComparer Instance = new();

    private LabelsComparer()
    {
    }

    public bool Equals(Labels? x, Labels? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && x.Pairs.SequenceEqual(y.Pairs));

    public int GetHashCode([DisallowNull] Labels obj)
    {
        var hash = SeededHash.Seed;
        foreach (var text in obj.Pairs)
        {
            hash = SeededHash.Add(hash, MemoryMarshal.AsBytes(text.AsSpan()));
        }

        return (int)SeededHash.Finish(hash);
    }
}
