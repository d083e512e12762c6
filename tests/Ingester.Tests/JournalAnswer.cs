using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;

namespace Deucalion.Ingester.Tests;

/// <summary>Waits for a record that a test hands to the journal itself; what is done <paramref name="then"/> holds the journal's thread.</summary>
internal sealed class JournalAnswer(Action? then = null) : IJournalCompletion
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the record is durable.</summary>
    public Task Task => _answered.Task;

    public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error)
    {
        if (error is null)
        {
            _answered.TrySetResult();
        }
        else
        {
            _answered.TrySetException(error);
        }

        then?.Invoke();
    }
}
