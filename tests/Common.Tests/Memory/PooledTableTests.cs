using Deucalion.Common.Memory;
using Xunit;

namespace Deucalion.Common.Tests.Memory;

public sealed class PooledTableTests
{
    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(1000)]
    [InlineData(7)]
    public void FindsEveryEntryOfAHash_AlsoWhereHashesCollide(uint hashes)
    {
        var random = new Random(5);
        var table = new PooledTable();
        table.EnsureCapacity(random.Next(2) == 0 ? 0 : 5000);
        var expected = new Dictionary<uint, List<int>>();
        for (var i = 0; i < 3000; i++)
        {
            var hash = (uint)random.NextInt64(hashes);
            Assert.Equal(i, table.Add(hash));
            expected[hash] = [.. expected.GetValueOrDefault(hash, []), i];
        }

        Assert.Equal(3000, table.Count);
        Assert.All(expected, e => Assert.Equal(e.Value, EntriesOf(table, e.Key).Order()));
        for (var i = 0; i < 1000; i++)
        {
            var hash = (uint)random.NextInt64(uint.MaxValue);
            Assert.Equal(expected.GetValueOrDefault(hash, []), EntriesOf(table, hash).Order());
        }

        table.Release();
        Assert.Empty(EntriesOf(table, expected.Keys.First()));
    }

    private static List<int> EntriesOf(PooledTable table, uint hash)
    {
        var entries = new List<int>();
        for (uint probe = 0; table.Next(hash, ref probe) is var entry && entry >= 0;)
        {
            entries.Add(entry);
        }

        return entries;
    }
}
