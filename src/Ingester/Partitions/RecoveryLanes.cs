using System.Buffers;
using System.Collections.Concurrent;
using Deucalion.Common.Contracts;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// Applies records of several partitions at once while one thread reads them from the journal: each partition has its lane, so its records stay in
/// order. A record that cannot be applied damages its partition alone. <see cref="Dispose"/> waits for all lanes.
/// </summary>
internal sealed class RecoveryLanes : IDisposable
{
    // Few enough that a lane that falls behind holds the reader back before memory fills: records are some 100 KiB at most in practice.
    private const int LaneLength = 256;

    private readonly BlockingCollection<Item>[] _lanes;
    private readonly Thread[] _threads;

    public RecoveryLanes(int lanes)
    {
        _lanes = new BlockingCollection<Item>[lanes];
        _threads = new Thread[lanes];
        for (var i = 0; i < lanes; i++)
        {
            var lane = _lanes[i] = new BlockingCollection<Item>(LaneLength);
            _threads[i] = new Thread(() => Run(lane)) { Name = "recovery", IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <summary>Adds a record, copied; waits while the lane is full.</summary>
    public void Add(PartitionState state, long seq, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var copy = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(copy);
        _lanes[state.Partition.Value % _lanes.Length].Add(new Item(state, seq, kind, copy, payload.Length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lane in _lanes)
        {
            lane.CompleteAdding();
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }

        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }
    }

    private static void Run(BlockingCollection<Item> lane)
    {
        foreach (var item in lane.GetConsumingEnumerable())
        {
            try
            {
                if (item.State.Damage is null)
                {
                    item.State.ApplyNow(item.Seq, item.Kind, item.Payload.AsSpan(0, item.Length));
                }
            }
            catch (HeadFormatException)
            {
                // The partition remembers it, and is refused.
            }

            ArrayPool<byte>.Shared.Return(item.Payload);
        }
    }

    private readonly record struct Item(PartitionState State, long Seq, RecordKind Kind, byte[] Payload, int Length);
}
