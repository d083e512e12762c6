using Deucalion.Storage.Memory;
using Xunit;

namespace Deucalion.Storage.Tests.Memory;

public sealed unsafe class NativePagesTests
{
    // What the tables and arenas ask for; the last one has a mapping to itself.
    private static readonly int[] Sizes = [6 << 10, 8 << 10, 10 << 10, 16 << 10, 48 << 10, 400 << 10];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void KeepsPagesApart_WhileThreadsRentAndReturn(bool poison)
    {
        var budget = new NativeMemoryBudget(long.MaxValue);
        using (var pages = new NativePages(budget, poison))
        {
            Parallel.For(0, 4, seed =>
            {
                var random = new Random(seed);
                var rented = new List<(nint Page, int Bytes, byte Mark)>();
                for (var i = 0; i < 3000; i++)
                {
                    if (rented.Count > 40 || (rented.Count > 0 && random.Next(3) == 0))
                    {
                        var at = random.Next(rented.Count);
                        ReturnOne(rented[at]);
                        rented.RemoveAt(at);
                    }
                    else
                    {
                        var bytes = Sizes[random.Next(Sizes.Length)];
                        var mark = (byte)random.Next(256);
                        var page = pages.Rent(bytes);
                        Assert.Equal(0, (nint)page & 63);
                        new Span<byte>(page, bytes).Fill(mark);
                        rented.Add(((nint)page, bytes, mark));
                    }
                }

                rented.ForEach(ReturnOne);

                void ReturnOne((nint Page, int Bytes, byte Mark) rent)
                {
                    Assert.Equal(-1, new ReadOnlySpan<byte>((byte*)rent.Page, rent.Bytes).IndexOfAnyExcept(rent.Mark));
                    pages.Return((byte*)rent.Page, rent.Bytes);
                }
            });
            Assert.Equal(0, budget.Used);
            pages.Return(pages.Rent(Sizes[0]), Sizes[0]);
        }

        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void FillsEveryGap_WhenPagesInBetweenWereReturned()
    {
        using var pages = new NativePages(new NativeMemoryBudget(long.MaxValue), poison: false);
        foreach (var bytes in Sizes.SkipLast(1))
        {
            var rented = Enumerable.Range(0, 300).Select(_ => (nint)pages.Rent(bytes)).ToList();
            var gaps = rented.Where((_, i) => i % 2 == 1).ToHashSet();
            foreach (var page in gaps)
            {
                pages.Return((byte*)page, bytes);
            }

            Assert.Equal(gaps, Enumerable.Range(0, gaps.Count).Select(_ => (nint)pages.Rent(bytes)).ToHashSet());
            rented.ForEach(page => pages.Return((byte*)page, bytes));
        }
    }

    [Fact]
    public void GivesMemoryBack_WhenAPageIsReturned()
    {
        using var pages = new NativePages(new NativeMemoryBudget(long.MaxValue), poison: false);
        const int Bytes = 16 << 10;
        var page = pages.Rent(Bytes);
        new Span<byte>(page, Bytes).Fill(0xAB);
        pages.Return(page, Bytes);

        // The kernel has taken it: whoever gets the address again finds zeros.
        Assert.True(page == pages.Rent(Bytes));
        Assert.Equal(-1, new ReadOnlySpan<byte>(page, Bytes).IndexOfAnyExcept((byte)0));
        pages.Return(page, Bytes);
    }

    [Fact]
    public void ShowsUsesAfterTheReturn_WhenPoisoned()
    {
        using var pages = new NativePages(new NativeMemoryBudget(long.MaxValue), poison: true);
        const int Bytes = 6 << 10;
        var page = pages.Rent(Bytes);
        new Span<byte>(page, Bytes).Clear();
        pages.Return(page, Bytes);
        Assert.Equal(-1, new ReadOnlySpan<byte>(page, Bytes).IndexOfAnyExcept((byte)0xDB));
    }

    [Fact]
    public void StaysReadable_WhenAPageWasNotReturnedBeforeTheEnd()
    {
        var budget = new NativeMemoryBudget(long.MaxValue);
        var pages = new NativePages(budget, poison: false);
        const int Bytes = 16 << 10;
        var page = pages.Rent(Bytes);
        new Span<byte>(page, Bytes).Fill(0xAB);
        pages.Dispose();
        Assert.Equal(-1, new ReadOnlySpan<byte>(page, Bytes).IndexOfAnyExcept((byte)0xAB));
        pages.Return(page, Bytes);
        pages.Dispose();
        Assert.Equal(0, budget.Used);
    }
}
