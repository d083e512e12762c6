using Deucalion.Storage.Memory;
using Xunit;

namespace Deucalion.Storage.Tests.Memory;

public sealed unsafe class PageArenaTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void KeepsBlocksApart_WhileTheyComeAndGo(int unitShift)
    {
        var random = new Random(unitShift);
        var budget = new NativeMemoryBudget(1);
        using var pages = new NativePages(budget, poison: true);
        var blocks = new List<(uint Location, int Length, byte Mark)>();
        using (var arena = new PageArena(pages, unitShift, poison: true))
        {
            for (var i = 0; i < 5000; i++)
            {
                if (blocks.Count > 200 || (blocks.Count > 0 && random.Next(3) == 0))
                {
                    var at = random.Next(blocks.Count);
                    var (location, length, mark) = blocks[at];
                    Assert.Equal(-1, new ReadOnlySpan<byte>(arena.At(location), length).IndexOfAnyExcept(mark));
                    arena.Free(location, length);
                    blocks.RemoveAt(at);
                }
                else
                {
                    var length = random.Next(20) == 0 ? random.Next(1, 100_000) : random.Next(1, 600);
                    var location = arena.Allocate(length);
                    Assert.NotEqual(0u, location);
                    var mark = (byte)random.Next(256);
                    new Span<byte>(arena.At(location), length).Fill(mark);
                    blocks.Add((location, length, mark));
                }
            }

            Assert.Equal(arena.ReservedBytes, budget.Used);
            Assert.True(budget.IsExceeded);
            Assert.InRange(arena.UsedBytes, blocks.Sum(b => (long)b.Length), arena.ReservedBytes);
            foreach (var (location, length, _) in blocks)
            {
                arena.Free(location, length);
            }

            Assert.Equal(0, arena.UsedBytes);
        }

        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void AlignsUnits_WhenTheyAreCacheLines()
    {
        using var pages = new NativePages(new NativeMemoryBudget(1), poison: false);
        using var arena = new PageArena(pages, 6, poison: false);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(0, (nint)arena.At(arena.Allocate(64)) & 63);
        }
    }
}
