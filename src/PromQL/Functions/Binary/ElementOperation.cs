using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Histograms;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Printer;

namespace Deucalion.PromQL.Functions.Binary;

/// <summary>
/// A binary operator over columns of any content: floats go through the kernel, steps with a histogram are computed one by one.
/// </summary>
internal sealed class ElementOperation(BinaryOp op, BinaryResult result, PositionRange position)
{
    private readonly BinaryKernel? _kernel = BinaryKernel.For(op);

    private bool IsComparison => op is >= BinaryOp.Eql and <= BinaryOp.Gte;

    /// <summary>Computes all steps into <paramref name="into"/>, which may be the left column.</summary>
    /// <param name="left">Left operands.</param>
    /// <param name="right">Right operands.</param>
    /// <param name="into">Receives the results.</param>
    /// <param name="dropOnCollision">Whether conflicting reset hints leave a step without result.</param>
    /// <param name="annotations">Where warnings go.</param>
    public void Apply(StepColumn left, StepColumn right, StepColumn into, bool dropOnCollision, AnnotationSet annotations)
    {
        if (left.Histograms is null && right.Histograms is null && _kernel is not null)
        {
            _kernel.Apply(left.Values, right.Values, into.Values, result);
            into.DropHistograms();
            return;
        }

        for (var s = 0; s < left.Steps; s++)
        {
            Step(left, right, into, s, dropOnCollision, annotations);
        }
    }

    private void Step(StepColumn left, StepColumn right, StepColumn into, int s, bool dropOnCollision, AnnotationSet annotations)
    {
        var leftHistogram = left.HistogramAt(s);
        var rightHistogram = right.HistogramAt(s);
        if (leftHistogram is null && rightHistogram is null && _kernel is not null)
        {
            _kernel.Apply(left.Values.AsSpan(s, 1), right.Values.AsSpan(s, 1), into.Values.AsSpan(s, 1), result);
            return;
        }

        if (!left.HasPoint(s) || !right.HasPoint(s))
        {
            into.ClearStep(s);
            return;
        }

        var leftValue = left.Values[s];
        var rightValue = right.Values[s];
        into.ClearStep(s);
        if (IsComparison)
        {
            Compare(leftHistogram, rightHistogram, into, s, annotations);
        }
        else if (Combine(leftHistogram, leftValue, rightHistogram, rightValue, dropOnCollision, annotations) is { } histogram)
        {
            into.SetHistogram(s, histogram);
        }
    }

    private void Compare(FloatHistogram? left, FloatHistogram? right, StepColumn into, int s, AnnotationSet annotations)
    {
        if (left is null || right is null || op is not (BinaryOp.Eql or BinaryOp.Neq))
        {
            Incompatible(left, right, annotations);
            return;
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
    }

    private FloatHistogram? Combine(
        FloatHistogram? left, double leftValue, FloatHistogram? right, double rightValue, bool dropOnCollision, AnnotationSet annotations)
    {
        switch (op)
        {
            case BinaryOp.Add or BinaryOp.Sub when left is not null && right is not null:
                return AddOrSubtract(left, right, dropOnCollision, annotations);
            case BinaryOp.Mul when left is not null && right is null:
                return left.Multiply(rightValue);
            case BinaryOp.Mul when left is null && right is not null:
                return right.Multiply(leftValue);
            case BinaryOp.Div when left is not null && right is null:
                return left.Divide(rightValue);
            case BinaryOp.TrimUpper or BinaryOp.TrimLower when left is not null && right is null:
                return HistogramTrim.Trim(left, rightValue, keepsUpper: op == BinaryOp.TrimLower);
            default:
                Incompatible(left, right, annotations);
                return null;
        }
    }

    private FloatHistogram? AddOrSubtract(FloatHistogram left, FloatHistogram right, bool dropOnCollision, AnnotationSet annotations)
    {
        var sum = new HistogramSum();
        sum.Start(left);
        if (!sum.IsCompatible(right))
        {
            annotations.Warn(AnnotationTexts.IncompatibleBuckets(OperatorText.Of(op)), position);
            return null;
        }

        var notes = op == BinaryOp.Add ? sum.Add(right) : sum.Subtract(right);
        var operation = op == BinaryOp.Add ? "addition" : "subtraction";
        if ((notes & HistogramSumNotes.ReconciledBounds) != 0)
        {
            annotations.Info(AnnotationTexts.ReconciledBuckets(operation), position);
        }

        if (op == BinaryOp.Sub)
        {
            sum.Hint = CounterResetHint.Gauge;
        }

        if ((notes & HistogramSumNotes.CounterResetCollision) != 0)
        {
            annotations.Warn(AnnotationTexts.CounterResetCollision(operation), position);
            return dropOnCollision ? null : sum.ToHistogram();
        }

        return sum.ToHistogram();
    }

    private void Incompatible(FloatHistogram? left, FloatHistogram? right, AnnotationSet annotations) =>
        annotations.Info(AnnotationTexts.IncompatibleTypes(Kind(left), OperatorText.Of(op), Kind(right)), position);

    private static string Kind(FloatHistogram? histogram) => histogram is null ? "float" : "histogram";
}
