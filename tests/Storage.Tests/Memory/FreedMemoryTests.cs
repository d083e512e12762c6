using System.Runtime.InteropServices;
using Deucalion.Storage.Memory;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Storage.Tests.Memory;

[Collection(nameof(RunsAlone))]
public sealed unsafe class FreedMemoryTests
{
    private const int Blocks = 4096;
    private const int BlockBytes = 16 << 10;

    [Fact]
    public void GoesBackToTheSystem_WhenTheCLibraryHoldsItFree()
    {
        var blocks = new nint[Blocks];
        for (var i = 0; i < Blocks; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(BlockBytes);
            new Span<byte>((void*)blocks[i], BlockBytes).Fill(1);
        }

        // The last one stays: the library by itself only gives back what is free at the end of its heap.
        foreach (var block in blocks.AsSpan(0, Blocks - 1))
        {
            NativeMemory.Free((void*)block);
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var before = ResidentMemory.Of(Environment.ProcessId);
        FreedMemory.GiveBack();
        var after = ResidentMemory.Of(Environment.ProcessId);
        NativeMemory.Free((void*)blocks[^1]);
        Assert.InRange(before - after, Blocks * BlockBytes / 2, long.MaxValue);
    }
}
