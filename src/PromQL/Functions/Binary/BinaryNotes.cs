using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Printer;

namespace Deucalion.PromQL.Functions.Binary;

/// <summary>
/// The notes of one binary operator. As in Prometheus each step has one, that of its last pair which had any, in the order of the
/// series. Thread-safe; the outcome does not depend on the order of adding.
/// </summary>
internal sealed class BinaryNotes(BinaryOp op, PositionRange position, int steps) : IPendingAnnotations
{
    private readonly Lock _gate = new();
    private long[]? _pairs;
    private BinaryNote[]? _notes;

    /// <summary>A later note of the same pair replaces the earlier one.</summary>
    public void Add(int step, long pair, BinaryNote note)
    {
        lock (_gate)
        {
            _pairs ??= new long[steps];
            _notes ??= new BinaryNote[steps];
            if (_notes[step] == BinaryNote.None || pair >= _pairs[step])
            {
                _pairs[step] = pair;
                _notes[step] = note;
            }
        }
    }

    public void Report(AnnotationSet annotations)
    {
        foreach (var note in _notes ?? [])
        {
            Report(note, annotations);
        }
    }

    private void Report(BinaryNote note, AnnotationSet annotations)
    {
        var operation = op == BinaryOp.Sub ? "subtraction" : "addition";
        switch (note)
        {
            case BinaryNote.None:
                break;
            case BinaryNote.Reconciled:
                annotations.Info(AnnotationTexts.ReconciledBuckets(operation), position);
                break;
            case BinaryNote.ResetCollision:
                annotations.Warn(AnnotationTexts.CounterResetCollision(operation), position);
                break;
            case BinaryNote.IncompatibleBuckets:
                annotations.Warn(AnnotationTexts.IncompatibleBuckets(OperatorText.Of(op)), position);
                break;
            default:
                annotations.Info(
                    AnnotationTexts.IncompatibleTypes(
                        note is BinaryNote.FloatFloat or BinaryNote.FloatHistogram ? "float" : "histogram",
                        OperatorText.Of(op),
                        note is BinaryNote.FloatFloat or BinaryNote.HistogramFloat ? "float" : "histogram"),
                    position);
                break;
        }
    }
}
