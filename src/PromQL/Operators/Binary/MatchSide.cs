namespace Deucalion.PromQL.Operators.Binary;

/// <summary>One side of a vector operation: its series and their columns.</summary>
internal sealed class MatchSide(VectorOperator series, MaterializedSeries columns, QueryContext context)
{
    private bool[]? _anyAt;

    public VectorOperator Series { get; } = series;

    public MaterializedSeries Columns { get; } = columns;

    /// <summary>Whether the side has any element at the step.</summary>
    public bool AnyAt(int step)
    {
        if (_anyAt is null)
        {
            _anyAt = new bool[Series.Grid.Count];
            for (var i = 0; i < Columns.Count; i++)
            {
                context.CheckEvery1024(i);
                for (var s = 0; s < _anyAt.Length && Columns[i] is { } column; s++)
                {
                    _anyAt[s] |= column.HasPoint(s);
                }
            }
        }

        return _anyAt[step];
    }
}
