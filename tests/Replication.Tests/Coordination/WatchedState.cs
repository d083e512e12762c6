using System.Text;
using Deucalion.Replication.Coordination;

namespace Replication.Tests.Coordination;

/// <summary>What somebody who only watches knows of the documents. Thread-safe.</summary>
internal sealed class WatchedState
{
    private readonly SortedDictionary<string, CoordinationEntry> _entries = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Applies the changes of a watch until cancelled.</summary>
    public async Task FollowAsync(ICoordinationStore store, string prefix, CancellationToken cancellationToken)
    {
        await foreach (var change in store.WatchAsync(prefix, cancellationToken))
        {
            lock (_entries)
            {
                if (change.Entry is null)
                {
                    _entries.Remove(change.Key);
                }
                else
                {
                    _entries[change.Key] = change.Entry;
                }

                _changed.TrySetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Waits until the state is the one expected: keys in order with revision and text.</summary>
    public async Task BecomesAsync(IReadOnlyList<(string Key, string Revision, string Text)> expected, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        while (true)
        {
            Task changed;
            List<(string, string, string)> found;
            lock (_entries)
            {
                found = [.. _entries.Values.Select(static e => (e.Key, e.Revision, Encoding.UTF8.GetString(e.Value.Span)))];
                changed = _changed.Task;
            }

            if (found.SequenceEqual(expected))
            {
                return;
            }

            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"the watch shows {string.Join(" ", found)} and not {string.Join(" ", expected)}");
            }
        }
    }
}
