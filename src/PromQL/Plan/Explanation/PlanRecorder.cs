using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Profiling;
using Deucalion.PromQL.Operators.Ranges;

namespace Deucalion.PromQL.Plan.Explanation;

/// <summary>Builds the tree of a plan while it is planned and, where asked, puts a measuring shell around each operator.</summary>
/// <param name="measuring">Where operators take the time from; null measures nothing.</param>
internal sealed class PlanRecorder(TimeProvider? measuring)
{
    private readonly Stack<PlanNode> _open = new();

    /// <summary>The operator on top, once planned.</summary>
    public PlanNode? Root { get; private set; }

    /// <summary>Begins an operator; those begun before its end are its inputs.</summary>
    public PlanNode Enter(string text)
    {
        var node = new PlanNode(text);
        if (_open.TryPeek(out var parent))
        {
            parent.Add(node);
        }
        else
        {
            Root ??= node;
        }

        _open.Push(node);
        return node;
    }

    public VectorOperator Leave(PlanNode node, VectorOperator planned)
    {
        _open.Pop();
        return measuring is null ? planned : new ProfiledVector(planned, node, measuring);
    }

    public ScalarOperator Leave(PlanNode node, ScalarOperator planned)
    {
        _open.Pop();
        return measuring is null ? planned : new ProfiledScalar(planned, node, measuring);
    }

    public RangeSource Leave(PlanNode node, RangeSource planned)
    {
        _open.Pop();
        return measuring is null ? planned : new ProfiledRange(planned, node, measuring);
    }
}
