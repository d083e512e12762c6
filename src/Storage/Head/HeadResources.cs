using Deucalion.Storage.Memory;
using Deucalion.Storage.Symbols;

namespace Deucalion.Storage.Head;

/// <summary>What all heads of a node share. Thread-safe; dispose after the last head.</summary>
public sealed class HeadResources : IDisposable
{
    /// <summary>Creates the shared parts.</summary>
    /// <param name="memoryLimit">Native bytes that the heads should stay below; see <see cref="NativeMemoryBudget.IsExceeded"/>.</param>
    /// <param name="poison">Overwrites freed memory so that a use after freeing shows: on in tests.</param>
    public HeadResources(long memoryLimit, bool poison)
    {
        Poison = poison;
        Budget = new NativeMemoryBudget(memoryLimit);
        Epochs = new ReaderEpochs();
        Pages = new NativePages(Budget, poison);
        Symbols = new SymbolTable(Epochs, Pages, poison);
    }

    /// <summary>Counts native memory.</summary>
    public NativeMemoryBudget Budget { get; }

    /// <summary>Registrations of readers.</summary>
    public ReaderEpochs Epochs { get; }

    /// <summary>Label names and values.</summary>
    public SymbolTable Symbols { get; }

    /// <summary>Whether freed memory is overwritten.</summary>
    public bool Poison { get; }

    /// <summary>Where heads get their native memory.</summary>
    internal NativePages Pages { get; }

    /// <summary>Frees the symbols and the pages.</summary>
    public void Dispose()
    {
        Symbols.Dispose();
        Pages.Dispose();
    }
}
