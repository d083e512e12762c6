using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>The elements of a single step that limitk or limit_ratio chose, in the order in which Prometheus lists them.</summary>
internal sealed class ChosenElements(int groups)
{
    private readonly GroupOrder _order = new(groups);
    private readonly ElementHeap?[] _heaps = new ElementHeap?[groups];
    private readonly List<int> _slots = [];

    /// <summary>An element of the group came up, chosen or not.</summary>
    public void Saw(int group) => _order.Saw(group);

    /// <summary>The element of a column was chosen; the slot is where it is kept.</summary>
    public void Choose(int group, StepColumn column, int slot) =>
        (_heaps[group] ??= new ElementHeap(isTop: true)).Push(column.HasFloat(0) ? column.Values[0] : 0, slot);

    /// <summary>Puts the elements in order.</summary>
    public void Settle()
    {
        foreach (var group in _order.Groups)
        {
            foreach (var (_, slot) in _heaps[group]?.Entries ?? [])
            {
                _slots.Add(slot);
            }
        }
    }

    public int SlotAt(int index) => _slots[index];
}
