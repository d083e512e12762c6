using Deucalion.Common.IO;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Index;
using Deucalion.Storage.Tests.Memory;
using Xunit;

namespace Deucalion.Storage.Tests.Blocks;

[Collection(nameof(RunsAlone))]
public sealed class BlockBuffersTests
{
    private const int Threads = 8;

    [Fact]
    public void ServeAllThreads_WhenBlocksAreWrittenByOneAfterTheOther()
    {
        using var directory = new TemporaryDirectory();
        var allocated = new long[Threads];
        using var done = new ManualResetEventSlim();
        var threads = new List<Thread>();
        for (var i = 0; i < Threads; i++)
        {
            var number = i;
            using var written = new ManualResetEventSlim();
            var thread = new Thread(() =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                WriteIndex(Path.Combine(directory.Path, $"index-{number}"));
                allocated[number] = GC.GetAllocatedBytesForCurrentThread() - before;
                written.Set();

                // A thread that ends would lose what a pool keeps for it.
                done.Wait();
            });
            thread.Start();
            threads.Add(thread);
            written.Wait();
        }

        done.Set();
        threads.ForEach(static t => t.Join());
        Assert.All(allocated.Skip(1), static bytes => Assert.InRange(bytes, 0, BlockBuffers.FileBytes / 2));
    }

    private static void WriteIndex(string path)
    {
        using var writer = new IndexWriter(new LinuxDisk(), path, [Array.Empty<byte>(), "a"u8.ToArray(), "b"u8.ToArray()]);
        writer.Add([1, 2], [new ChunkMeta(8, 0, 1)]);
        writer.Complete();
    }
}
