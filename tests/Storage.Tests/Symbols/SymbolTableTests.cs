using System.Text;
using Deucalion.Storage.Memory;
using Deucalion.Storage.Symbols;
using Xunit;

namespace Deucalion.Storage.Tests.Symbols;

public sealed class SymbolTableTests
{
    [Fact]
    public void KeepsEachTextOnce_WhileItIsReferredTo()
    {
        var random = new Random(1);
        var budget = new NativeMemoryBudget(long.MaxValue);
        using var pages = new NativePages(budget, poison: true);
        using (var table = new SymbolTable(new ReaderEpochs(), pages, poison: true))
        {
            var references = new Dictionary<string, (int Symbol, int Count)>();
            for (var i = 0; i < 20_000; i++)
            {
                var text = new string((char)('a' + random.Next(26)), random.Next(0, 40)) + random.Next(40);
                var bytes = Encoding.UTF8.GetBytes(text);
                var known = references.TryGetValue(text, out var entry);
                Assert.Equal(known ? entry.Symbol : 0, table.Find(bytes));
                if (known && random.Next(2) == 0)
                {
                    table.Release(entry.Symbol);
                    if (entry.Count == 1)
                    {
                        references.Remove(text);
                    }
                    else
                    {
                        references[text] = (entry.Symbol, entry.Count - 1);
                    }
                }
                else
                {
                    var symbol = table.Intern(bytes);
                    Assert.True(!known || symbol == entry.Symbol);
                    references[text] = (symbol, entry.Count + 1);
                }
            }

            Assert.Equal(references.Count, table.Count);
            foreach (var (text, (symbol, _)) in references)
            {
                Assert.Equal(text, Encoding.UTF8.GetString(table.Bytes(symbol)));
                Assert.Equal(text, table.Text(symbol, cache: true));
                Assert.Same(table.Text(symbol, cache: true), table.Text(symbol, cache: true));
            }
        }

        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void HoldsTheTextOfAReader_WhoCameBeforeItWasReleased()
    {
        var epochs = new ReaderEpochs();
        using var pages = new NativePages(new NativeMemoryBudget(long.MaxValue), poison: true);
        using var table = new SymbolTable(epochs, pages, poison: true);
        var symbol = table.Intern("abc"u8);
        using (epochs.Enter())
        {
            table.Release(symbol);
            Assert.NotEqual(symbol, table.Intern("xyz"u8));
            Assert.Equal("abc", Encoding.UTF8.GetString(table.Bytes(symbol)));
        }
    }
}
