using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>The series of both sides of a vector operation by their matching labels.</summary>
internal sealed class MatchGroups
{
    private readonly List<List<int>> _left = [];
    private readonly List<List<int>> _right = [];
    private readonly LabelGrouping _grouping;
    private readonly QueryContext _context;

    public MatchGroups(LabelSelection selection, QueryContext context)
    {
        _grouping = new LabelGrouping(selection);
        _context = context;
    }

    public LabelSelection Selection => _grouping.Selection;

    public int Count => _left.Count;

    public void AddLeft(VectorOperator series) => Add(series, _left);

    public void AddRight(VectorOperator series) => Add(series, _right);

    public List<int> Left(int group) => _left[group];

    public List<int> Right(int group) => _right[group];

    private void Add(VectorOperator series, List<List<int>> side)
    {
        for (var i = 0; i < series.Count; i++)
        {
            _context.CheckEvery1024(i);
            var id = _grouping.IdOf(series.RawLabelsAt(i), series.DropNameAt(i) && !_context.DelayedNameRemoval);
            while (_left.Count <= id)
            {
                _left.Add([]);
                _right.Add([]);
            }

            side[id].Add(i);
        }
    }
}
