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
    private readonly List<int> _firstPair = [];
    private int[]? _order;

    public int Count => _labels.Count;

    public Labels LabelsAt(int index) => _labels[SlotAt(index)];

    public bool DropNameAt(int index) => _dropName[SlotAt(index)];

    public StepColumn ColumnAt(int index) => _columns[SlotAt(index)];

    /// <summary>By step, one more than the group whose pair of elements led to these labels, whatever came of it.</summary>
    public int[] TakenAt(int slot) => _taken[slot];

    /// <summary>The series of these labels, new and empty if there is none yet.</summary>
    public int SlotOf(Labels labels, bool dropName, int pair = 0)
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
            _firstPair.Add(pair);
        }

        _dropName[slot] |= dropName;
        return slot;
    }

    /// <summary>Puts the results in the order of the pairs that they come from; no result is added afterwards.</summary>
    public void Order()
    {
        _order = new int[_labels.Count];
        for (var i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        Array.Sort(_order, (a, b) => _firstPair[a].CompareTo(_firstPair[b]));
    }

    private int SlotAt(int index) => _order?[index] ?? index;
}
