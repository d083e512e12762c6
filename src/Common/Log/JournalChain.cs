using Deucalion.Common.Contracts;

namespace Deucalion.Common.Log;

/// <summary>How the records of one partition follow each other in a journal, as far as opening it tells.</summary>
internal sealed class JournalChain
{
    /// <summary>Seq of the first record, or of the one that would follow the first note.</summary>
    public long First { get; private set; } = long.MinValue;

    /// <summary>Seq at which the log ends.</summary>
    public long LastSeq { get; private set; }

    /// <summary>Term of its last record.</summary>
    public long LastTerm { get; private set; }

    /// <summary>The highest seq that is missing, or stands where it must not; 0: none.</summary>
    public long MissingTo { get; private set; }

    /// <summary>Round of the last record or note.</summary>
    public JournalPosition Last { get; private set; }

    /// <summary>How often the log was begun anew.</summary>
    public int Restarts { get; private set; }

    /// <summary>How often it was cut back since.</summary>
    public int Cuts { get; private set; }

    /// <summary>Seq of the last record or note since of a kind that this program does not know and may not pass over, with that kind; null: there is none.</summary>
    public (RecordKind Kind, long Seq)? Unknown { get; private set; }

    /// <summary>The next record or note.</summary>
    public void Add(RecordKind kind, long term, long seq, JournalPosition position)
    {
        if (!kind.IsKnown())
        {
            if (kind.IsHint())
            {
                return;
            }

            // What a note says may concern all of the log, wherever it stands.
            Unknown = (kind, kind.IsNote() || Unknown is { Seq: long.MaxValue } ? long.MaxValue : seq);
        }

        Last = position;
        if (kind == RecordKind.StartedOver)
        {
            Restarts++;
            (First, LastSeq, LastTerm, MissingTo, Cuts, Unknown) = (1, 0, 0, 0, 0, null);
            return;
        }

        var isNote = kind.IsNote();
        if (First == long.MinValue)
        {
            First = isNote ? seq + 1 : seq;
            LastSeq = First - 1;
        }

        if (isNote)
        {
            AddNote(kind, seq);
            return;
        }

        // A seq may come again only in a later term: the log was cut back and written anew.
        if (seq > LastSeq + 1)
        {
            MissingTo = Math.Max(MissingTo, seq - 1);
        }
        else if (seq <= LastSeq && term <= LastTerm)
        {
            MissingTo = Math.Max(MissingTo, seq);
        }

        LastSeq = seq;
        LastTerm = term;
    }

    private void AddNote(RecordKind kind, long seq)
    {
        Cuts += kind == RecordKind.CutBack ? 1 : 0;
        if (seq > LastSeq)
        {
            MissingTo = Math.Max(MissingTo, seq);
            LastSeq = seq;
        }
        else if (kind == RecordKind.CutBack)
        {
            // What follows may be of a lower term than what was cut.
            LastSeq = seq;
            LastTerm = 0;
        }
        else if (kind == RecordKind.TermEntered && seq < LastSeq)
        {
            MissingTo = Math.Max(MissingTo, LastSeq);
            LastSeq = seq;
        }
    }
}
