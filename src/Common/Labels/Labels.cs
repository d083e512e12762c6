using System.Diagnostics;
using System.Text;

namespace Deucalion.Common.Labels;

/// <summary>
/// The immutable label set of a series: names unique and sorted bytewise (as UTF-8), no empty values.
/// Equality is by content. Strings are shared, not owned: sets built from one symbol table share their strings.
/// </summary>
[DebuggerDisplay("{ToString()}")]
public sealed class Labels : IEquatable<Labels>, IComparable<Labels>
{
    /// <summary>Name of the label that holds the metric name.</summary>
    public const string MetricName = "__name__";

    /// <summary>The set without labels.</summary>
    public static readonly Labels Empty = new([]);

    private readonly string[] _pairs;
    private int _hash;

    private Labels(string[] pairs)
    {
        _pairs = pairs;
    }

    /// <summary>Number of labels.</summary>
    public int Count => _pairs.Length / 2;

    /// <summary>Name and value alternating, sorted by name.</summary>
    public ReadOnlySpan<string> Pairs => _pairs;

    /// <summary>Takes ownership of <paramref name="pairs"/> (name, value, name, value …), which must be sorted, unique and without empty values.</summary>
    public static Labels FromSortedPairs(string[] pairs)
    {
        Debug.Assert(pairs.Length % 2 == 0, "pairs come in twos");
        return pairs.Length == 0 ? Empty : new Labels(pairs);
    }

    /// <summary>Builds a set from pairs in any order; empty values are dropped, of equal names the last wins.</summary>
    public static Labels Of(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var builder = new LabelsBuilder();
        foreach (var (name, value) in labels)
        {
            builder.Set(name, value);
        }

        return builder.Build();
    }

    /// <summary>Name of label <paramref name="index"/>.</summary>
    public string NameAt(int index) => _pairs[2 * index];

    /// <summary>Value of label <paramref name="index"/>.</summary>
    public string ValueAt(int index) => _pairs[(2 * index) + 1];

    /// <summary>Value of the label, or the empty string where it is absent.</summary>
    public string Get(string name)
    {
        var pairs = _pairs;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (ReferenceEquals(pairs[i], name) || pairs[i] == name)
            {
                return pairs[i + 1];
            }
        }

        return string.Empty;
    }

    /// <summary>Whether the label is present.</summary>
    public bool Has(string name) => Get(name).Length > 0;

    /// <inheritdoc/>
    public bool Equals(Labels? other)
    {
        if (other is null)
        {
            return false;
        }

        return ReferenceEquals(this, other)
            || (GetHashCode() == other.GetHashCode() && _pairs.AsSpan().SequenceEqual(other._pairs));
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Labels);

    /// <summary>Process-local hash, cached; not for routing or disk.</summary>
    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            var hash = new HashCode();
            foreach (var s in _pairs)
            {
                hash.Add(s);
            }

            var h = hash.ToHashCode();
            _hash = h == 0 ? 1 : h;
        }

        return _hash;
    }

    /// <summary>Order of Prometheus: pairwise name then value, bytewise as UTF-8; a proper prefix is smaller.</summary>
    public int CompareTo(Labels? other)
    {
        if (other is null)
        {
            return 1;
        }

        var n = Math.Min(_pairs.Length, other._pairs.Length);
        for (var i = 0; i < n; i++)
        {
            var c = Utf8Order.Compare(_pairs[i], other._pairs[i]);
            if (c != 0)
            {
                return c;
            }
        }

        return _pairs.Length.CompareTo(other._pairs.Length);
    }

    /// <summary>Prometheus's text form: <c>{a="b", c="d"}</c>, all labels (the name too) inside the braces.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            LabelText.AppendName(text, NameAt(i));
            text.Append('=');
            LabelText.AppendQuoted(text, ValueAt(i));
        }

        return text.Append('}').ToString();
    }

    /// <summary>Content equality.</summary>
    public static bool operator ==(Labels? left, Labels? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Content inequality.</summary>
    public static bool operator !=(Labels? left, Labels? right) => !(left == right);

    /// <summary>See <see cref="CompareTo"/>.</summary>
    public static bool operator <(Labels left, Labels right) => left.CompareTo(right) < 0;

    /// <summary>See <see cref="CompareTo"/>.</summary>
    public static bool operator >(Labels left, Labels right) => left.CompareTo(right) > 0;

    /// <summary>See <see cref="CompareTo"/>.</summary>
    public static bool operator <=(Labels left, Labels right) => left.CompareTo(right) <= 0;

    /// <summary>See <see cref="CompareTo"/>.</summary>
    public static bool operator >=(Labels left, Labels right) => left.CompareTo(right) >= 0;
}
