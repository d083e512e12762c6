using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Histograms;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Binary;

/// <summary>
/// A binary operator over columns of any content: floats go through the kernel, steps with a histogram are computed one by one.
/// </summary>
internal sealed class ElementOperation(BinaryOp op, BinaryResult result)
{
    private const int StepsAtOnce = 16 * 1024;

    private readonly BinaryKernel? _kernel = BinaryKernel.For(op);

    private bool IsComparison => op is >= BinaryOp.Eql and <= BinaryOp.Gte;

    /// <summary>Computes all steps into <paramref name="into"/>, which may be the left column.</summary>
    /// <param name="left">Left operands.</param>
    /// <param name="right">Right operands.</param>
    /// <param name="into">Receives the results.</param>
    /// <param name="dropOnCollision">Whether conflicting reset hints leave a step without result.</param>
    /// <param name="notes">Where warnings go.</param>
    /// <param name="pair">Place of the pair among those of a step, for the notes.</param>
    /// <param name="cancellation">Ends the work within long columns.</param>
    /// <param name="failed">Receives at which steps the operands do not go together, which leaves such a pair out of all checks.</param>
    public void Apply(StepColumn left, StepColumn right, StepColumn into, bool dropOnCollision, BinaryNotes notes, long pair, CancellationToken cancellation, bool[]? failed = null)
    {
        failed?.AsSpan().Clear();
        if (left.Histograms is null && right.Histograms is null && _kernel is not null)
        {
            for (var from = 0; from < left.Steps; from += StepsAtOnce)
            {
                cancellation.ThrowIfCancellationRequested();
                var n = Math.Min(StepsAtOnce, left.Steps - from);
                _kernel.Apply(left.Values.AsSpan(from, n), right.Values.AsSpan(from, n), into.Values.AsSpan(from, n), result);
            }

            into.DropHistograms();
            return;
        }

        for (var s = 0; s < left.Steps; s++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Step(left, right, into, s, dropOnCollision) is var note && note != BinaryNote.None)
            {
                notes.Add(s, pair, note);
                if (failed is not null)
                {
                    failed[s] = note != BinaryNote.Reconciled;
                }
            }
        }
    }

    private BinaryNote Step(StepColumn left, StepColumn right, StepColumn into, int s, bool dropOnCollision)
    {
        var leftHistogram = left.HistogramAt(s);
        var rightHistogram = right.HistogramAt(s);
        if (leftHistogram is null && rightHistogram is null && _kernel is not null)
        {
            _kernel.Apply(left.Values.AsSpan(s, 1), right.Values.AsSpan(s, 1), into.Values.AsSpan(s, 1), result);
            return BinaryNote.None;
        }

        if (!left.HasPoint(s) || !right.HasPoint(s))
        {
            into.ClearStep(s);
            return BinaryNote.None;
        }

        var leftValue = left.Values[s];
        var rightValue = right.Values[s];
        into.ClearStep(s);
        if (IsComparison)
        {
            return Compare(leftHistogram, rightHistogram, into, s);
        }

        var note = Combine(leftHistogram, leftValue, rightHistogram, rightValue, dropOnCollision, out var histogram);
        if (histogram is not null)
        {
            into.SetHistogram(s, histogram);
        }

        return note;
    }

    private BinaryNote Compare(FloatHistogram? left, FloatHistogram? right, StepColumn into, int s)
    {
        if (left is null || right is null || op is not (BinaryOp.Eql or BinaryOp.Neq))
        {
            return Incompatible(left, right);
        }

        var holds = left.SameAs(right) == (op == BinaryOp.Eql);
        if (result == BinaryResult.ZeroOrOne)
        {
            into.Values[s] = holds ? 1 : 0;
        }
        else if (holds)
        {
            into.SetHistogram(s, result == BinaryResult.Left ? left : right);
        }

        return BinaryNote.None;
    }

    private BinaryNote Combine(
        FloatHistogram? left, double leftValue, FloatHistogram? right, double rightValue, bool dropOnCollision, out FloatHistogram? histogram)
    {
        histogram = null;
        switch (op)
        {
            case BinaryOp.Add or BinaryOp.Sub when left is not null && right is not null:
                return AddOrSubtract(left, right, dropOnCollision, out histogram);
            case BinaryOp.Mul when left is not null && right is null:
                histogram = left.Multiply(rightValue);
                break;
            case BinaryOp.Mul when left is null && right is not null:
                histogram = right.Multiply(leftValue);
                break;
            case BinaryOp.Div when left is not null && right is null:
                histogram = left.Divide(rightValue);
                break;
            case BinaryOp.TrimUpper or BinaryOp.TrimLower when left is not null && right is null:
                histogram = HistogramTrim.Trim(left, rightValue, keepsUpper: op == BinaryOp.TrimLower);
                break;
            default:
                return Incompatible(left, right);
        }

        return BinaryNote.None;
    }

    private BinaryNote AddOrSubtract(FloatHistogram left, FloatHistogram right, bool dropOnCollision, out FloatHistogram? histogram)
    {
        histogram = null;
        var sum = new HistogramSum();
        sum.Start(left);
        if (!sum.IsCompatible(right))
        {
            return BinaryNote.IncompatibleBuckets;
        }

        var notes = op == BinaryOp.Add ? sum.Add(right) : sum.Subtract(right);
        if (op == BinaryOp.Sub)
        {
            sum.Hint = CounterResetHint.Gauge;
        }

        // Of both the collision is the one that is told.
        var collision = (notes & HistogramSumNotes.CounterResetCollision) != 0;
        histogram = collision && dropOnCollision ? null : sum.ToHistogram();
        return collision ? BinaryNote.ResetCollision
            : (notes & HistogramSumNotes.ReconciledBounds) != 0 ? BinaryNote.Reconciled
            : BinaryNote.None;
    }

    private static BinaryNote Incompatible(FloatHistogram? left, FloatHistogram? right) => (left, right) switch
    {
        (null, null) => BinaryNote.FloatFloat,
        (null, not null) => BinaryNote.FloatHistogram,
        (not null, null) => BinaryNote.HistogramFloat,
        _ => BinaryNote.HistogramHistogram,
    };
}
