namespace Deucalion.Common.Labels;

/// <summary>Collects label changes and builds a <see cref="Labels"/>. Not thread-safe; reusable after <see cref="Reset"/>.</summary>
public sealed class LabelsBuilder
{
    private readonly List<KeyValuePair<string, string>> _labels = [];

    /// <summary>Starts empty.</summary>
    public LabelsBuilder()
    {
    }

    /// <summary>Starts from the labels of <paramref name="source"/>.</summary>
    public LabelsBuilder(Labels source)
    {
        Reset(source);
    }

    /// <summary>Starts over from <paramref name="source"/>.</summary>
    public LabelsBuilder Reset(Labels source)
    {
        _labels.Clear();
        for (var i = 0; i < source.Count; i++)
        {
            _labels.Add(new(source.NameAt(i), source.ValueAt(i)));
        }

        return this;
    }

    /// <summary>Value of the label as it stands, or the empty string.</summary>
    public string Get(string name)
    {
        var i = IndexOf(name);
        return i < 0 ? string.Empty : _labels[i].Value;
    }

    /// <summary>Sets a label; an empty value removes it.</summary>
    public LabelsBuilder Set(string name, string value)
    {
        if (value.Length == 0)
        {
            return Remove(name);
        }

        var i = IndexOf(name);
        if (i < 0)
        {
            _labels.Add(new(name, value));
        }
        else
        {
            _labels[i] = new(name, value);
        }

        return this;
    }

    /// <summary>Removes a label where present.</summary>
    public LabelsBuilder Remove(string name)
    {
        var i = IndexOf(name);
        if (i >= 0)
        {
            _labels.RemoveAt(i);
        }

        return this;
    }

    /// <summary>The labels as they stand, sorted.</summary>
    public Labels Build()
    {
        _labels.Sort(static (a, b) => Utf8Order.Compare(a.Key, b.Key));
        var pairs = new string[_labels.Count * 2];
        for (var i = 0; i < _labels.Count; i++)
        {
            pairs[2 * i] = _labels[i].Key;
            pairs[(2 * i) + 1] = _labels[i].Value;
        }

        return Labels.FromSortedPairs(pairs);
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < _labels.Count; i++)
        {
            if (_labels[i].Key == name)
            {
                return i;
            }
        }

        return -1;
    }
}
