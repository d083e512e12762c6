using Deucalion.Common.Memory;
using Xunit;

namespace Deucalion.Common.Tests.Memory;

public sealed class PooledColumnTests
{
    // More than a page of each type.
    private const int Many = 100_000;

    [Fact]
    public void HoldsWhatWasAdded_ForItemsOfAnySize()
    {
        Check(static i => (byte)i);
        Check(static i => i);
        Check(static i => (long)i * 3);
        Check(static i => (i, i + 1, i + 2));
        Check(static i => ((long)i, (long)-i, i, (byte)i));
    }

    [Fact]
    public void KeepsTheOrder_WhenItemsComeSinglyAndTogether()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var column = new PooledColumn<int>();
            var expected = new List<int>();
            while (expected.Count < Many)
            {
                var items = Enumerable.Range(expected.Count, random.Next(0, seed % 2 == 0 ? 100 : 40_000)).ToArray();
                switch (random.Next(3))
                {
                    case 0:
                        column.AddAll(items);
                        expected.AddRange(items);
                        break;
                    case 1:
                        column.AddRepeated(-1, items.Length);
                        expected.AddRange(Enumerable.Repeat(-1, items.Length));
                        break;
                    default:
                        column.Add(items.Length);
                        expected.Add(items.Length);
                        break;
                }
            }

            Assert.Equal(expected.Count, column.Count);
            Assert.Equal(expected, Enumerable.Range(0, expected.Count).Select(i => column[i]));
            column.Release();
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(32_768)]
    [InlineData(90_000)]
    public void KeepsRunsTogether_WhateverTheirLength(int longest)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var column = new PooledColumn<int>();
            var runs = new List<(int Start, int[] Items)>();
            for (var total = 0; total < 3 * Many; total += 1 + runs[^1].Items.Length)
            {
                var items = Enumerable.Range(total, random.Next(longest + 1)).ToArray();
                runs.Add((column.AddRun(items), items));
            }

            Assert.All(runs, run => Assert.Equal(run.Items, column.Run(run.Start, run.Items.Length).ToArray()));
            column.Release();
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(20_000)]
    public void KeepsRunsTogether_WhenTheyGrowItemByItem(int longest)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var column = new PooledColumn<long>();
            var runs = new List<(int Start, long[] Items)>();
            for (var total = 0; total < Many; total += 1 + runs[^1].Items.Length)
            {
                var items = Enumerable.Range(total, random.Next(longest + 1)).Select(static i => (long)i).ToArray();
                var start = column.BeginRun(1);
                for (var i = 0; i < items.Length; i++)
                {
                    start = column.Extend(start, i, items[i]);
                }

                runs.Add((start, items));
            }

            Assert.All(runs, run => Assert.Equal(run.Items, column.Run(run.Start, run.Items.Length).ToArray()));
            column.Release();
        }
    }

    [Fact]
    public void IsEmptyAndUsable_AfterRelease()
    {
        var column = new PooledColumn<int>();
        column.AddRepeated(7, Many);
        Assert.True(column.Bytes >= sizeof(int) * Many);
        column.Release();
        Assert.Equal((0, 0), (column.Count, column.Bytes));
        Assert.Throws<IndexOutOfRangeException>(() => column[0]);
        column.Add(8);
        Assert.Equal(8, column[0]);
    }

    private static void Check<T>(Func<int, T> item)
        where T : unmanaged
    {
        var column = new PooledColumn<T>();
        for (var i = 0; i < Many; i++)
        {
            column.Add(item(i));
        }

        Assert.Equal(Many, column.Count);
        for (var i = 0; i < Many; i++)
        {
            Assert.Equal(item(i), column[i]);
        }

        column.Release();
    }
}
