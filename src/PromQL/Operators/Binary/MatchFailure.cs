using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>Of all reasons why a match fails the one that an evaluation step by step comes to first.</summary>
internal sealed class MatchFailure
{
    /// <summary>Elements of the many side come after all of the one side.</summary>
    public const long ManySide = 1L << 32;

    /// <summary>Results come last.</summary>
    public const long Result = 1L << 48;

    private int _step;
    private long _order;
    private string? _text;

    /// <summary>Notes a failure at a step; the order is that within the step.</summary>
    public void At(int step, long order, string text)
    {
        if (_text is null || step < _step || (step == _step && order < _order))
        {
            (_step, _order, _text) = (step, order, text);
        }
    }

    /// <exception cref="QueryException">There was a failure.</exception>
    public void Throw()
    {
        if (_text is not null)
        {
            throw QueryException.Execution(_text);
        }
    }
}
