using Deucalion.Common.Labels;
using Deucalion.Querier.Sources;
using Xunit;

namespace Deucalion.Querier.Tests.Sources;

public sealed class LabelsComparerTests
{
    [Fact]
    public void AgreesWithTheContent_ForEqualAndUnequalSets()
    {
        var a = Labels.Of(("__name__", "up"), ("job", "x"));
        var b = Labels.Of(("job", new string('x', 1)), ("__name__", "u" + "p"));
        Assert.True(LabelsComparer.Instance.Equals(a, b));
        Assert.Equal(LabelsComparer.Instance.GetHashCode(a), LabelsComparer.Instance.GetHashCode(b));
        Assert.False(LabelsComparer.Instance.Equals(a, Labels.Of(("__name__", "up"))));
        Assert.False(LabelsComparer.Instance.Equals(a, null));
    }

    [Fact]
    public void HashesHardlyCollide_WhateverTheLengthAndPlaceOfTheDifference()
    {
        var sets = new HashSet<Labels>();
        for (var length = 0; length <= 40; length++)
        {
            for (var at = 0; at < length; at++)
            {
                for (var c = 'a'; c <= 'p'; c++)
                {
                    var value = new string('z', at) + c + new string('z', length - at - 1);
                    sets.Add(Labels.Of(("l", value), ("n", "v")));
                }
            }
        }

        var hashes = sets.Select(LabelsComparer.Instance.GetHashCode).Distinct().Count();
        Assert.True(hashes >= sets.Count - 3, $"{sets.Count} sets, {hashes} hashes");
    }
}
