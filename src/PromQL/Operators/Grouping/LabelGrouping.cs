using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>
/// Numbers label sets by the labels that count for a <c>by</c>, <c>without</c>, <c>on</c> or <c>ignoring</c>: sets that agree in
/// them get the same number. No string is built per series.
/// </summary>
internal sealed class LabelGrouping
{
    private readonly Dictionary<LabelView, int> _ids;

    /// <param name="selection">The labels that count.</param>
    public LabelGrouping(LabelSelection selection)
    {
        Selection = selection;
        _ids = new Dictionary<LabelView, int>(selection);
    }

    public LabelSelection Selection { get; }

    /// <summary>Number of groups so far.</summary>
    public int Count => _ids.Count;

    /// <summary>Number of the labels' group; a new group gets the next one.</summary>
    public int IdOf(Labels labels, bool hideMetadata)
    {
        var view = new LabelView(labels, hideMetadata);
        if (!_ids.TryGetValue(view, out var id))
        {
            id = _ids.Count;
            _ids.Add(view, id);
        }

        return id;
    }

    /// <summary>Number of the labels' group, or -1 where there is none.</summary>
    public int Find(Labels labels, bool hideMetadata) => _ids.GetValueOrDefault(new LabelView(labels, hideMetadata), -1);
}
