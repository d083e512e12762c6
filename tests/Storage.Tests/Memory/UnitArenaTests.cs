using Deucalion.Storage.Memory;
using Xunit;

namespace Deucalion.Storage.Tests.Memory;

public sealed unsafe class UnitArenaTests
{
    [Fact]
    public void KeepsUnitsApart_AndGivesEmptyPagesBack()
    {
        var random = new Random(5);
        var budget = new NativeMemoryBudget(long.MaxValue);
        using var pages = new NativePages(budget, poison: true);
        using (var arena = new UnitArena(pages, poison: true))
        {
            var units = new List<(uint Location, byte Mark)>();
            for (var wave = 0; wave < 4; wave++)
            {
                for (var i = 0; i < 20_000; i++)
                {
                    if (units.Count > 0 && random.Next(3) == 0)
                    {
                        FreeOne(random.Next(units.Count));
                    }
                    else
                    {
                        var location = arena.Allocate();
                        Assert.NotEqual(0u, location);
                        Assert.Equal(0, (nint)arena.At(location) & 63);
                        var mark = (byte)random.Next(256);
                        new Span<byte>(arena.At(location), UnitArena.UnitBytes).Fill(mark);
                        units.Add((location, mark));
                    }
                }

                Assert.Equal(units.Count, units.Select(u => u.Location).Distinct().Count());
                Assert.InRange(arena.ReservedBytes, units.Count * 64L, (units.Count * 64L * 2) + 100_000);
                while (units.Count > 0)
                {
                    FreeOne(units.Count - 1);
                }

                Assert.InRange(arena.ReservedBytes, 0, 4 * 16384);
                Assert.Equal(arena.ReservedBytes, budget.Used);
            }

            void FreeOne(int at)
            {
                var (location, mark) = units[at];
                Assert.Equal(-1, new ReadOnlySpan<byte>(arena.At(location), UnitArena.UnitBytes).IndexOfAnyExcept(mark));
                arena.Free(location);
                units[at] = units[^1];
                units.RemoveAt(units.Count - 1);
            }
        }

        Assert.Equal(0, budget.Used);
    }
}
