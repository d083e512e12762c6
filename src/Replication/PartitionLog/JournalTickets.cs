using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// What one log handed to the journal and has not heard of yet: the journal answers in order of appending. Its thread counts, the owner's mailbox
/// takes in.
/// </summary>
internal sealed class JournalTickets(LogInbox inbox) : IJournalCompletion
{
    private readonly Queue<Outstanding> _outstanding = new();
    private int _written;
    private int _refused;
    private Exception? _error;

    /// <summary>Why something was refused since <see cref="Forgive"/>, or null. What was handed over after it was refused too.</summary>
    public Exception? Error => Volatile.Read(ref _error);

    /// <summary>Whether everything has been answered.</summary>
    public bool IsIdle => _outstanding.Count == 0;

    /// <summary>How much was handed over so far.</summary>
    public long Handed { get; private set; }

    /// <summary>How much of it has been answered and taken in.</summary>
    public long Answered => Handed - _outstanding.Count;

    /// <summary>Something was handed over under a ticket, 0 where nobody waits for it.</summary>
    public void HandedOver(long ticket)
    {
        _outstanding.Enqueue(new Outstanding(ticket, IsWritten: true));
        Handed++;
    }

    /// <summary>A ticket for which nothing has to be written: it is durable as soon as everything before it is.</summary>
    public void NothingToWrite(long ticket)
    {
        _outstanding.Enqueue(new Outstanding(ticket, IsWritten: false));
        Handed++;
        inbox.Wake();
    }

    /// <summary>Something could not be handed over.</summary>
    public void Refused(Exception error) => Interlocked.CompareExchange(ref _error, error, null);

    /// <summary>Takes in what the journal has answered: the highest ticket that is durable, 0 where there is no news.</summary>
    public long Take()
    {
        // What was refused comes behind what was written: nothing is taken in between until the owner goes on.
        var highest = 0L;
        var written = Interlocked.Exchange(ref _written, 0);
        while (_outstanding.TryPeek(out var next) && (written > 0 || !next.IsWritten))
        {
            _outstanding.Dequeue();
            written -= next.IsWritten ? 1 : 0;

            // A ticket without a record says nothing once something has been refused: that may stand before it.
            highest = next.IsWritten || Error is null ? Math.Max(highest, next.Ticket) : highest;
        }

        var refused = Interlocked.Exchange(ref _refused, 0);
        while (_outstanding.TryPeek(out var next) && (refused > 0 || !next.IsWritten))
        {
            _outstanding.Dequeue();
            refused -= next.IsWritten ? 1 : 0;
        }

        return highest;
    }

    /// <summary>The owner goes on behind what is durable.</summary>
    public void Forgive() => Volatile.Write(ref _error, null);

    /// <inheritdoc/>
    void IJournalCompletion.Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error)
    {
        if (error is null)
        {
            Interlocked.Increment(ref _written);
        }
        else
        {
            Refused(error);
            Interlocked.Increment(ref _refused);
        }

        inbox.Wake();
    }

    private readonly record struct Outstanding(long Ticket, bool IsWritten);
}
