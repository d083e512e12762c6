using Deucalion.Storage.Memory;
using Xunit;

namespace Deucalion.Storage.Tests.Memory;

public sealed class ReaderEpochsTests
{
    [Fact]
    public void KeepsRetiredItems_UntilReadersOfThatTimeHaveLeft()
    {
        var epochs = new ReaderEpochs();
        var queue = new RetireQueue<int>(epochs);
        var released = new List<int>();
        var early = epochs.Enter();
        queue.Add(1);
        queue.Collect(released.Add);
        Assert.Empty(released);

        // Readers that come later cannot have seen it.
        var late = epochs.Enter();
        early.Dispose();
        queue.Add(2);
        queue.Collect(released.Add);
        Assert.Equal([1], released);

        late.Dispose();
        queue.Collect(released.Add);
        Assert.Equal([1, 2], released);
    }

    [Fact]
    public async Task TakesMoreReaders_ThanItHasSlots()
    {
        var epochs = new ReaderEpochs();
        using var gate = new Barrier(16);
        var tasks = Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(
            () =>
            {
                gate.SignalAndWait();
                for (var i = 0; i < 2000; i++)
                {
                    using var a = epochs.Enter();
                    using var b = epochs.Enter();
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(tasks);
        epochs.WaitFor(epochs.Tag());
    }
}
