using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>The results of a vector operation by their labels.</summary>
internal sealed class MatchedSeries(int steps, SampleBudget budget)
{
    private readonly Dictionary<Labels, int> _slots = [];
    private readonly List<Labels> _labels = [];
    private readonly List<bool> _dropName = [];
    private readonly List<StepColumn> _columns = [];
    private readonly List<int[]> _taken = [];

    public int Count => _labels.Count;

    public Labels LabelsAt(int slot) => _labels[slot];

    public bool DropNameAt(int slot) => _dropName[slot];

    public StepColumn ColumnAt(int slot) => _columns[slot];

    /// <summary>By step, one more than the group whose pair of elements led to these labels, whatever came of it.</summary>
    public int[] TakenAt(int slot) => _taken[slot];

    /// <summary>The series of these labels, new and empty if there is none yet.</summary>
    public int SlotOf(Labels labels, bool dropName)
    {
        if (!_slots.TryGetValue(labels, out var slot))
        {
            slot = _labels.Count;
            _slots.Add(labels, slot);
            _labels.Add(labels);
            _dropName.Add(dropName);
            budget.HoldBytes(96 + (12L * steps));
            var column = new StepColumn(steps);
            column.Clear();
            _columns.Add(column);
            _taken.Add(new int[steps]);
        }

        _dropName[slot] |= dropName;
        return slot;
    }
}
